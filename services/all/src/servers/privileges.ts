import { chmod, cp, mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { ServerAccount } from "./keeper-order.ts";

/** A command together with the account it is started under. */
export interface AccountCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly account?: ServerAccount;
}

/**
 * The command as an unprivileged account can run it on `folder`. Where a folder above it lets nobody but root in,
 * as /root does, util-linux' setpriv changes the account and keeps the one capability that passes such folders.
 */
export async function asAccount(
  account: ServerAccount | undefined,
  folder: string,
  [file = "", ...args]: readonly string[],
): Promise<AccountCommand> {
  if (account === undefined) return { file, args };
  if (await isReachable(dirname(folder), account)) return { file, args, account };
  const become = [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"];
  const keep = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return { file: "setpriv", args: [...become, ...keep, "--", file, ...args] };
}

/** Where a program is that an account can start, and the copy to remove afterwards where one had to be made. */
export interface ReachableProgram {
  readonly program: string;
  readonly copy?: string;
}

/**
 * A program that the account can start, with the folders `bin`, `lib` and `share` that it belongs to. Below a folder
 * that lets nobody but root in it is copied to a temporary one: Postgres asks the system whether it may run its own
 * parts, and that answer leaves capabilities out.
 */
export async function reachableProgram(account: ServerAccount | undefined, program: string): Promise<ReachableProgram> {
  if (account === undefined || (await isReachable(dirname(program), account))) return { program };
  const copy = await mkdtemp(join(tmpdir(), "alfred-program-"));
  await chmod(copy, 0o711);
  const installed = dirname(dirname(program));
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  return { program: join(copy, relative(installed, program)), copy };
}

async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  const { mode, uid } = await stat(folder);
  const mayEnter = (mode & 0o001) !== 0 || uid === account.uid;
  const parent = dirname(folder);
  return mayEnter && (parent === folder || (await isReachable(parent, account)));
}
