// Generates packages/contracts from proto/; with --check it changes nothing and fails when the two differ.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatedDifference } from "./contracts/difference.ts";
import { writeGenerated } from "./contracts/generated.ts";
import { copyThirdPartyProtos } from "./contracts/third-party.ts";
import { repositoryRoot } from "./repository.ts";

async function check(): Promise<boolean> {
  const fresh = await mkdtemp(join(tmpdir(), "alfred-generated-"));
  try {
    await writeGenerated(fresh);
    const changed = await generatedDifference(repositoryRoot, fresh);
    if (changed.length === 0) return true;
    console.error(`Generated code differs from proto/; run \`npm run generate\` and commit: ${changed.join(", ")}`);
    return false;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

await copyThirdPartyProtos();
if (process.argv.includes("--check")) {
  process.exitCode = (await check()) ? 0 : 1;
} else {
  await writeGenerated(repositoryRoot);
  console.log("packages/contracts is generated from proto/");
}
