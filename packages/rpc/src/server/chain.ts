import { accessLog } from "./interceptors/access-log.ts";
import type { AccessLogOptions } from "./interceptors/access-log.ts";
import { authentication } from "./interceptors/authentication.ts";
import { authorisation } from "./interceptors/authorisation.ts";
import type { AccessOf } from "./interceptors/authorisation.ts";
import { deadline } from "./interceptors/deadline.ts";
import type { DeadlineOptions } from "./interceptors/deadline.ts";
import { errorBoundary } from "./interceptors/error-boundary.ts";
import { requestId } from "./interceptors/request-id.ts";
import { traceContext } from "./interceptors/trace-context.ts";
import type { Authenticator } from "../call/principal.ts";
import type { NamedInterceptor, Next } from "./interceptor.ts";

/** What the chain is made of. */
export interface ChainParts {
  readonly access: AccessOf;
  readonly accessLog: AccessLogOptions;
  readonly authenticate: Authenticator;
  readonly deadlines: DeadlineOptions;
  readonly now: () => number;
}

/** What every call goes through, outermost first, on a socket as in process. */
export function interceptorChain(parts: ChainParts): readonly NamedInterceptor[] {
  return [
    // Outermost, so that all that follows, log lines included, belongs to the span.
    { name: "trace context", run: traceContext() },
    // Before the log, which writes it, and before anything can fail, since failures name it.
    { name: "request id", run: requestId() },
    // Around everything that decides the outcome, so that refusals are logged like answers.
    { name: "access log", run: accessLog(parts.accessLog) },
    // Inside the log, which shows what the caller sees; outside all else, since each of them may throw.
    { name: "error boundary", run: errorBoundary() },
    // From here on a call cannot outlive its deadline, nor a caller that went away, whatever follows does.
    { name: "deadline", run: deadline(parts.deadlines, parts.now) },
    // Before the request is read: who may not call costs no decoding.
    { name: "authentication", run: authentication(parts.authenticate, parts.access) },
    // Last before the handler, as it needs the principal.
    { name: "authorisation", run: authorisation(parts.access) },
  ];
}

/** Folds the chain around the handler into one function. */
export function compose(chain: readonly NamedInterceptor[], handler: Next): Next {
  return chain.reduceRight<Next>((next, { run }) => (call) => run(call, next), handler);
}
