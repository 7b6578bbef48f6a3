/** The account that a server runs under, where it refuses to run as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** What a keeper starts and how it stops it. */
export interface KeeperOrder {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly account?: ServerAccount | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** A folder that is of no use once the server has ended. */
  readonly removeAfter?: string | undefined;
}

/** Reads the order that the keeper's only argument carries as JSON. */
export function keeperOrder(json: string): KeeperOrder {
  return JSON.parse(json) as KeeperOrder;
}
