import { mkdir, mkdtemp, rm, rename, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ConfigFile } from "./config-file.ts";
import type { ConfigFileReading } from "./config-file.ts";

const SECRET = "sk-very-secret-0123456789";

describe("the configuration file and its secrets", () => {
  let folder = "";
  let file: ConfigFile;
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const secretsOf = (reading: ConfigFileReading): string[] =>
    "content" in reading ? reading.content.providers.map(({ secret }) => secret) : [...reading.error.lines];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "alfred-config-"));
    const variables: Record<string, string> = { SET: SECRET, WRONG: "two words" };
    file = new ConfigFile({ path: join(folder, "config.yaml"), variable: (name) => variables[name] });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("has secrets itself, in variables, and in files beside it or anywhere", async () => {
    await write("beside", `${SECRET}\n`);
    await write("config.yaml", `providers:
  groq: { secret: literal }
  mistral: { secret: { env: SET } }
  cohere: { secret: { file: beside } }
  gemini: { secret: { file: ${join(folder, "beside")} } }
  ollama:
`);
    expect(secretsOf(await file.read())).toEqual(["literal", SECRET, SECRET, SECRET, ""]);
  });

  it("says where a secret is not to be had, beside all else that is wrong, and shows none", async () => {
    await write("empty", "\n");
    await write("words", `${SECRET} ${SECRET}\n`);
    await mkdir(join(folder, "folder"));
    await write("config.yaml", `providers:
  groq: { secret: { env: UNSET } }
  mistral: { secret: { env: WRONG } }
  cohere: { secret: { file: nowhere } }
  gemini: { secret: { file: folder } }
  openai: { secret: { file: empty } }
  anthropic: { secret: { file: words } }
  deepseek: { base_url: x }
`);
    expect(secretsOf(await file.read())).toEqual([
      "2:26 providers.groq.secret.env: expected a variable that is set to a key of printable ASCII without spaces",
      "3:29 providers.mistral.secret.env: expected a variable that is set to a key of printable ASCII without spaces",
      "4:29 providers.cohere.secret.file: cannot be read (ENOENT)",
      "5:29 providers.gemini.secret.file: not a file",
      "6:29 providers.openai.secret.file: expected a file that holds a key of printable ASCII without spaces",
      "7:32 providers.anthropic.secret.file: expected a file that holds a key of printable ASCII without spaces",
      expect.stringMatching(/^8:25 providers\.deepseek\.base_url: not an address/),
    ]);
  });

  it.each([
    ["is not there", undefined, "cannot be read (ENOENT)"],
    ["is too large", Buffer.alloc(1_048_577, "#"), "larger than 1048576 bytes"],
    ["is no text", Buffer.of(0x61, 0xff), "not UTF-8"],
  ])("says why it cannot be used where it %s", async (_, bytes, why) => {
    if (bytes !== undefined) await writeFile(join(folder, "config.yaml"), bytes);
    const reading = await file.read();
    expect("error" in reading && reading.error.message).toContain(`config.yaml cannot be used\n  1:1 ${why}`);
  });

  it("is told apart by what it and its secrets hold, as when a mounted folder is swapped behind its link", async () => {
    const text = "providers: { groq: { secret: { file: ..data/key } } }";
    for (const name of ["first", "second"]) {
      await mkdir(join(folder, name));
      await write(`${name}/key`, `sk-${name}`);
      await write(`${name}/config.yaml`, text);
    }
    await symlink("first", join(folder, "..data"));
    await symlink("..data/config.yaml", join(folder, "config.yaml"));
    const before = await file.read();
    expect((await file.read()).fingerprint).toBe(before.fingerprint);
    await symlink("second", join(folder, "..next"));
    await rename(join(folder, "..next"), join(folder, "..data"));
    const after = await file.read();
    expect([secretsOf(before), secretsOf(after)]).toEqual([["sk-first"], ["sk-second"]]);
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });
});
