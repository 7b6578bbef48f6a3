// Generates packages/contracts from proto/, and the tables of docs/providers.md from the code; with --check it changes nothing
// and fails when what is generated differs.
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

async function checkProviders(): Promise<boolean> {
  const { isFresh, providerDocument } = await import("./providers/document.ts");
  if (await isFresh(repositoryRoot)) return true;
  console.error(`${providerDocument} differs from what the dialects say; run \`npm run generate\` and commit it.`);
  return false;
}

await copyThirdPartyProtos();
if (process.argv.includes("--check")) {
  process.exitCode = (await check()) && (await checkProviders()) ? 0 : 1;
} else {
  await writeGenerated(repositoryRoot);
  // Only now, since the dialects speak of the contract.
  const { writeProviderDocument } = await import("./providers/document.ts");
  await writeProviderDocument(repositoryRoot);
  console.log("packages/contracts is generated from proto/, the tables of docs/providers.md from the dialects");
}
