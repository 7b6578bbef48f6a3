import { chown, readFile } from "node:fs/promises";
import type { ServerAccount } from "./keeper-order.ts";

/**
 * The account for a server that refuses to run as root: `postgres` where the machine has it, else `nobody`.
 * Undefined when we are not root, since the server then runs as we do.
 */
export async function unprivilegedAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile("/etc/passwd", "utf8");
  return accountNamed("postgres", passwd) ?? accountNamed("nobody", passwd) ?? { uid: 65_534, gid: 65_534 };
}

function accountNamed(name: string, passwd: string): ServerAccount | undefined {
  const fields = passwd.split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = fields.find(([user]) => user === name) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Gives a file or folder to the account that has to read it; does nothing where we are not root. */
export async function giveTo(account: ServerAccount | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
