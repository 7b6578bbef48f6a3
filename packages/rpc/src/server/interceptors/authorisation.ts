import { roleToJSON } from "@alfred/contracts";
import type { Access } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { BoundMethod } from "../../call/implement.ts";
import type { Interceptor } from "../interceptor.ts";

/** What a method asks of its caller; "open" where it asks nothing. */
export type AccessOf = (method: BoundMethod) => Access | "open";

/** Refuses callers whose role is below the one that the method's `(alfred.v1.access)` option states. */
export function authorisation(accessOf: AccessOf): Interceptor {
  return (call, next) => {
    const access = accessOf(call.method);
    if (access === "open" || call.principal.role >= access.role) return next(call);
    const metadata = { role: roleName(call.principal.role), required: roleName(access.role) };
    throw fail("ROLE_INSUFFICIENT", `This needs the role ${metadata.required}; the key has ${metadata.role}.`, { metadata });
  };
}

function roleName(role: Access["role"]): string {
  return roleToJSON(role).replace("ROLE_", "").toLowerCase();
}
