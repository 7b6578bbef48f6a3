import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSecrets, secretsFile } from "./secrets.ts";

describe("loadSecrets", () => {
  let home = "";

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "alfred-secrets-"));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  it("makes them once and finds them again, in a file for its owner only", async () => {
    const first = await loadSecrets(home, {});
    expect(await loadSecrets(home, {})).toEqual(first);
    expect(Buffer.from(first.ALFRED_MASTER_KEY, "base64")).toHaveLength(32);
    expect(new Set(Object.values(first)).size).toBe(4);
    expect((await stat(secretsFile(home))).mode & 0o777).toBe(0o600);
  });

  it("lets the environment win and never writes down what it gave", async () => {
    const given = "a-root-key-of-more-than-32-characters";
    const secrets = await loadSecrets(home, { ALFRED_ROOT_KEY: given });
    expect(secrets.ALFRED_ROOT_KEY).toBe(given);
    expect(await readFile(secretsFile(home), "utf8")).not.toContain(given);
    expect((await loadSecrets(home, {})).ALFRED_DEMO_KEY).toBe(secrets.ALFRED_DEMO_KEY);
  });

  it("refuses a short key by its name", async () => {
    await expect(loadSecrets(home, { ALFRED_DEMO_KEY: "short" })).rejects.toThrow(
      "ALFRED_DEMO_KEY has 5 characters; it must have at least 32.",
    );
  });

  it("does not replace secrets that it cannot read", async () => {
    await writeFile(secretsFile(home), "{ half");
    await expect(loadSecrets(home, {})).rejects.toThrow("secrets.json is damaged");
    expect(await readFile(secretsFile(home), "utf8")).toBe("{ half");
  });
});
