import { DirectoryServiceService } from "@alfred/contracts";
import type { WatchKeysResponse } from "@alfred/contracts";
import type { Logger } from "@alfred/telemetry";
import type { Transport } from "../call/transport.ts";
import { createClient } from "../client/client.ts";
import { follow } from "../watch/follow.ts";
import type { KeyEvent, KeyRing } from "./key-ring.ts";

/** Opens WatchKeys where it left off. */
export type OpenKeys = (revision: bigint, signal: AbortSignal) => AsyncIterable<WatchKeysResponse>;

/** What serves, and on which conditions. */
export interface ServeWithKeysOptions {
  readonly server: { setServing(isServing: boolean): void };
  readonly keys: KeyRing;
  /** Where the keys come from: `keysOf(directory, token)`, or the directory's own. */
  readonly open: OpenKeys;
  readonly log: Logger;
  /** What else must hold for health to say SERVING; nothing unless given. */
  readonly isReady?: () => boolean;
  /** How often it is looked whether the keys have become stale, in milliseconds; 1,000 unless given. */
  readonly checkEveryMs?: number;
}

/** A server whose health follows its keys; disposing stops following them. */
export interface KeyedServing extends AsyncDisposable {
  /** Looks now: for when what `isReady` answers has changed. */
  check(): void;
}

const CHECK_EVERY_MS = 1_000;

/**
 * Keeps a ring fed, and health in step with it: SERVING while the keys are fresh and the service is ready, NOT_SERVING
 * before and whenever they are not, so that whoever spreads calls sends them to a server that can tell who asks.
 */
export function serveWithKeys(options: ServeWithKeysOptions): KeyedServing {
  const { server, keys, open, log, isReady = () => true, checkEveryMs = CHECK_EVERY_MS } = options;
  const stop = new AbortController();
  const check = (): void => {
    if (!stop.signal.aborted) server.setServing(keys.isFresh && isReady());
  };
  const apply = (event: KeyEvent): void => {
    keys.apply(event);
    check();
  };
  const following = follow<WatchKeysResponse>({ name: "keys", open, apply, signal: stop.signal, log });
  // Keys become stale by silence, of which no event tells.
  const timer = setInterval(check, checkEveryMs).unref();
  const dispose = async (): Promise<void> => {
    clearInterval(timer);
    stop.abort();
    await following;
  };
  return { check, [Symbol.asyncDispose]: dispose };
}

/** The directory's keys, asked for with `ALFRED_SERVICE_TOKEN`. */
export function keysOf(directory: Transport, token: string): OpenKeys {
  const client = createClient(DirectoryServiceService, directory, { token });
  return (revision, signal) => client.watchKeys({ revision }, { signal });
}
