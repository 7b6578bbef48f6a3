import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ServerAccount } from "./keeper-order.ts";

/** A command together with the account it is started under. */
export interface AccountCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly account?: ServerAccount;
}

/**
 * The command as an unprivileged account can run it on `folder`. Where a folder above that or above the program lets
 * nobody but root in, as /root does, util-linux' setpriv changes the account and keeps the one capability that passes.
 */
export async function asAccount(
  account: ServerAccount | undefined,
  folder: string,
  [file = "", ...args]: readonly string[],
): Promise<AccountCommand> {
  if (account === undefined) return { file, args };
  const above = [dirname(folder), dirname(file)];
  const reachable = await Promise.all(above.map((each) => isReachable(each, account)));
  if (!reachable.includes(false)) return { file, args, account };
  const become = [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"];
  const keep = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return { file: "setpriv", args: [...become, ...keep, "--", file, ...args] };
}

async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  const { mode, uid } = await stat(folder);
  const mayEnter = (mode & 0o001) !== 0 || uid === account.uid;
  const parent = dirname(folder);
  return mayEnter && (parent === folder || (await isReachable(parent, account)));
}
