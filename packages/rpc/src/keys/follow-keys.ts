import { DirectoryServiceService } from "@alfred/contracts";
import type { Logger } from "@alfred/telemetry";
import type { Transport } from "../call/transport.ts";
import { createClient } from "../client/client.ts";
import { follow } from "../watch/follow.ts";
import type { KeyRing } from "./key-ring.ts";

/** How to feed a ring from the directory. */
export interface FollowKeysOptions {
  /** The way to the directory. */
  readonly directory: Transport;
  /** `ALFRED_SERVICE_TOKEN`. */
  readonly token: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Keeps a ring fed from the directory until the signal fires; resolves then, never rejects. */
export async function followKeys(ring: KeyRing, options: FollowKeysOptions): Promise<void> {
  const { directory, token, signal, log } = options;
  const client = createClient(DirectoryServiceService, directory, { token });
  await follow({
    name: "keys",
    open: (revision, open) => client.watchKeys({ revision }, { signal: open }),
    apply: (event) => ring.apply(event),
    signal,
    log,
  });
}
