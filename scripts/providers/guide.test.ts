import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { runCommand } from "../run-command.ts";
import { providerDocument } from "./document.ts";
import { follow, stepsOf } from "./guide.ts";

const GUIDE = join(repositoryRoot, "docs", "adding-a-provider.md");
/** What the sources of a provider live in, or need. */
const COPIED = ["packages", "proto", "scripts", join("services", "gateway"), join("services", "directory"), providerDocument, "buf.yaml", "buf.gen.yaml", "tsconfig.json", "vitest.config.ts", "package.json"];

describe("a guide", () => {
  test("asks for files and for changes of them, under their names", () => {
    const guide = "Do.\n\n```sh\nls\n```\n\n**`a.ts`**\n\n```ts\nconst a = 1;\n```\n\nThen\n\n```diff\n const a = 1;\n+const b = 2;\n```\n";
    expect(stepsOf(guide)).toEqual([
      { file: "a.ts", kind: "whole", text: "const a = 1;\n" }, { file: "a.ts", kind: "change", text: " const a = 1;\n+const b = 2;\n" },
    ]);
  });

  test.each([["-const c = 1;\n+const d = 1;\n", 0], [" twice\n+more\n", 2]])("that has drifted from the code is not followed: %j", async (text, times) => {
    const root = await mkdtemp(join(tmpdir(), "alfred-drift-"));
    await writeFile(join(root, "a.ts"), "const a = 1;\ntwice\ntwice\n");
    await expect(follow({ file: "a.ts", kind: "change", text }, root)).rejects.toThrow(`a.ts that stand there ${times} times`);
    await rm(root, { recursive: true });
  });
});

describe("the guide to add a provider, followed to the letter,", () => {
  const steps = stepsOf(readFileSync(GUIDE, "utf8"));
  let root = "";

  const run = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, output } = await runCommand(process.execPath, args, { cwd: root });
    return exitCode === 0 ? "" : output;
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred-guide-"));
    await Promise.all(COPIED.map((path) => cp(join(repositoryRoot, path), join(root, path), { recursive: true, verbatimSymlinks: true })));
    await symlink(join(repositoryRoot, "node_modules"), join(root, "node_modules"));
    for (const step of steps) await follow(step, root);
    const failure = await run(join("scripts", "generate.ts"));
    if (failure !== "") throw new Error(failure);
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  test("gives code whose types fit", async () => {
    const files = new Set(steps.flatMap(({ file }) => (file.endsWith(".ts") ? [file] : [])));
    await writeFile(join(root, "tsconfig.guide.json"), JSON.stringify({ extends: "./tsconfig.json", include: [...files] }));
    expect(await run(join("node_modules", "typescript", "bin", "tsc"), "--noEmit", "--project", "tsconfig.guide.json")).toBe("");
  });

  test("gives providers that answer through the gateway", async () => {
    expect(await run(join("node_modules", "vitest", "vitest.mjs"), "run", "heron", "ibis")).toBe("");
  });

  test("gives them columns in the matrix", async () => {
    const document = await readFile(join(root, providerDocument), "utf8");
    expect(document).toContain("| heron | heron | `heron` | `HERON_API_KEY`, `HERON_BASE_URL` | `https://api.heron.example/v1` | `/chat/completions` | `authorization: Bearer` |");
    expect(document).toContain("| ibis | ibis | `ibis` | `IBIS_API_KEY`, `IBIS_BASE_URL` | `https://api.ibis.example` | `/talk` | `x-ibis-key` |");
  });
});
