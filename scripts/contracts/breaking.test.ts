import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { runCommand } from "../run-command.ts";
import { breakingChanges, parentContract } from "./breaking.ts";
import { copyThirdPartyProtos } from "./third-party.ts";

const money = "proto/alfred/v1/money.proto";

describe("the contract", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred-breaking-"));
    await copyThirdPartyProtos();
    await cp(join(repositoryRoot, "buf.yaml"), join(root, "buf.yaml"));
    await cp(join(repositoryRoot, "proto"), join(root, "proto"), { recursive: true });
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("may stay as it is", async () => {
    expect(await breakingChanges(root, repositoryRoot)).toEqual({ exitCode: 0, output: "" });
  });

  it("may gain a field", async () => {
    await edit(/int64 value = 2;/, "int64 value = 2;\n  // Seeded by a test.\n  int64 seeded = 99;");
    expect(await breakingChanges(root, repositoryRoot)).toEqual({ exitCode: 0, output: "" });
  });

  it("may not change the number of a field", async () => {
    await edit(/int64 value = 2;/, "int64 value = 3;");
    const { exitCode, output } = await breakingChanges(root, repositoryRoot);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('Previously present field "2" with name "value" on message "Amount" was deleted');
  });

  it("may not lose an RPC", async () => {
    await edit(/rpc Refund\(.*?\}\n/s, "", "proto/alfred/v1/gateway.proto");
    const { exitCode, output } = await breakingChanges(root, repositoryRoot);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('RPC "Refund"');
  });

  it("is held against the commit before it, or against HEAD while it is being changed", async () => {
    await git("init", "--quiet");
    await writeFile(join(root, ".gitignore"), "proto/third_party/\n");
    await commit("first");
    expect(await parentContract(root)).toBeUndefined();

    await edit(/int64 value = 2;/, "int64 value = 3;");
    await expectBreakAgainst("HEAD");

    await commit("second");
    await expectBreakAgainst("HEAD^");
  });

  async function expectBreakAgainst(expected: string): Promise<void> {
    await using parent = await parentContract(root);
    expect(parent?.commit).toBe(expected);
    expect((await breakingChanges(root, parent?.root ?? "")).exitCode).not.toBe(0);
  }

  async function edit(pattern: RegExp, replacement: string, file = money): Promise<void> {
    const before = await readFile(join(root, file), "utf8");
    expect(before).toMatch(pattern);
    await writeFile(join(root, file), before.replace(pattern, replacement));
  }

  async function commit(message: string): Promise<void> {
    await git("add", "--all");
    await git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", message);
  }

  async function git(...args: string[]): Promise<void> {
    const { exitCode, output } = await runCommand("git", args, { cwd: root });
    expect(exitCode, output).toBe(0);
  }
});
