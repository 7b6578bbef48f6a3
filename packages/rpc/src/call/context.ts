import type { Logger } from "@alfred/telemetry";
import type { Principal } from "./principal.ts";

/** What a handler knows about its call besides the request. */
export interface CallContext {
  /** Fires when nobody waits any more: caller gone, deadline passed, server stopping. */
  readonly signal: AbortSignal;
  /** When the call ends by itself, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly principal: Principal;
  /** The caller's `x-request-id` or one made here; at most 128 printable characters. */
  readonly requestId: string;
  /** Writes the request id and method with each line. */
  readonly log: Logger;
  /** What came with the call, names in lower case. Binary metadata is left out. */
  readonly metadata: ReadonlyMap<string, string>;
}
