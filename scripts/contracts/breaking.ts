import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localTool, runCommand } from "../run-command.ts";
import type { CommandResult } from "../run-command.ts";

/** The contract as it stood at a commit, in a temporary folder that disposing removes. */
export interface PastContract extends AsyncDisposable {
  readonly root: string;
  readonly commit: string;
}

/**
 * The contract that the one below `repository` must not break: that of HEAD while proto/ has changes
 * that are not committed, else that of the commit before it. Undefined where there is no such commit.
 */
export async function parentContract(repository: string): Promise<PastContract | undefined> {
  const { exitCode, output } = await git(repository, ["status", "--porcelain", "--", "proto"]);
  if (exitCode !== 0) return undefined;
  const commit = output.trim() === "" ? "HEAD^" : "HEAD";
  const { exitCode: absent } = await git(repository, ["cat-file", "-e", `${commit}:proto/alfred/v1`]);
  return absent === 0 ? await checkOut(repository, commit) : undefined;
}

/** What buf says of the contract below `root` when it is held against a past one; exit code 0 means compatible. */
export function breakingChanges(root: string, past: string): Promise<CommandResult> {
  return runCommand(localTool("buf"), ["breaking", root, "--against", past]);
}

async function checkOut(repository: string, commit: string): Promise<PastContract> {
  const root = await mkdtemp(join(tmpdir(), "alfred-contract-"));
  const dispose = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await extract(repository, commit, root);
    // Google's protos are in no commit; both sides are held against the same copies.
    await cp(join(repository, "proto", "third_party"), join(root, "proto", "third_party"), { recursive: true });
    return { root, commit, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function extract(repository: string, commit: string, root: string): Promise<void> {
  const { output } = await git(repository, ["ls-tree", "-r", "--name-only", commit, "--", "buf.yaml", "proto"]);
  for (const file of output.split("\n").filter(Boolean)) {
    const { output: text } = await git(repository, ["show", `${commit}:${file}`]);
    await mkdir(join(root, file, ".."), { recursive: true });
    await writeFile(join(root, file), text);
  }
}

function git(repository: string, args: readonly string[]): Promise<CommandResult> {
  return runCommand("git", args, { cwd: repository });
}
