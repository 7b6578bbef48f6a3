import type { ServerProcess } from "./server-process.ts";

/** Where a server lives: its program and the folder below which it keeps data and log. */
export interface ServerPlace {
  readonly program: string;
  readonly folder: string;
  /** Whether the data outlives the run; throw-away data is not synced to disk. */
  readonly lasting: boolean;
  /** Where it listens; a free port unless stated. */
  readonly port?: number;
}

/** A server that answers at `url`. */
export interface RunningServer {
  readonly url: string;
  readonly server: ServerProcess;
}
