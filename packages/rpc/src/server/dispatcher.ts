import type { AlfredError } from "@alfred/errors";
import type { IncomingCall } from "./server-call.ts";

/** What the server does with a call: resolves with its failure, never rejects. */
export interface Dispatcher {
  dispatch(incoming: IncomingCall, cancellation: (cancel: () => void) => void): Promise<AlfredError | undefined>;
}
