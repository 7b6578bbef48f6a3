import type { Authenticator } from "../../call/principal.ts";
import type { Interceptor } from "../interceptor.ts";
import type { AccessOf } from "./authorisation.ts";

/** Finds out who is asking, from `authorization: Bearer` or `x-api-key`. */
export function authentication(authenticate: Authenticator, access: AccessOf): Interceptor {
  return async (call, next) => {
    if (access(call.method) !== "open") call.principal = await authenticate(tokenOf(call.metadata));
    return next(call);
  };
}

/** The token that came with a call, undefined where there is none. */
function tokenOf(metadata: ReadonlyMap<string, string>): string | undefined {
  const header = metadata.get("authorization");
  const bearer = header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined;
  return bearer || metadata.get("x-api-key") || undefined;
}
