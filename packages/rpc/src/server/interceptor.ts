import type { ServerCall } from "./server-call.ts";

/** The rest of the chain. Rejects with what the caller is to see. */
export type Next = (call: ServerCall) => Promise<void>;

/** One concern of every call. */
export type Interceptor = (call: ServerCall, next: Next) => Promise<void>;

/** An interceptor and the name under which the order of the chain is spoken of. */
export interface NamedInterceptor {
  readonly name: string;
  readonly run: Interceptor;
}
