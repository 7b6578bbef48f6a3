import { Role, Scope } from "@alfred/contracts";
import type { Access } from "@alfred/contracts";
import type { BoundMethod, ServiceBinding } from "../call/implement.ts";
import type { Descriptors } from "../contract/descriptors.ts";
import type { AccessOf } from "./interceptors/authorisation.ts";

/**
 * What each method asks of its caller, as its `(alfred.v1.access)` option says.
 * @throws Error naming the first method that states none, or lets a tenant reach the whole installation
 */
export function declaredAccess(bindings: readonly ServiceBinding[], descriptors: Descriptors): AccessOf {
  const entries = bindings.flatMap(({ methods, open }) =>
    methods.map((method) => [method, open ? "open" : stated(method, descriptors)] as const),
  );
  const byMethod = new Map<BoundMethod, Access | "open">(entries);
  return (method) => {
    const access = byMethod.get(method);
    if (access === undefined) throw new TypeError(`${method.definition.path} is not of this server.`);
    return access;
  };
}

function stated(method: BoundMethod, descriptors: Descriptors): Access {
  const access = descriptors.methodAccess(method.definition.path);
  if (!access || access.role <= Role.ROLE_UNSPECIFIED || access.scope <= Scope.SCOPE_UNSPECIFIED) {
    throw new Error(`${method.definition.path} must state its role and scope in the option (alfred.v1.access).`);
  }
  // Whoever is confined to an organisation must not reach the whole installation.
  if (access.scope === Scope.SCOPE_INSTALLATION && access.role < Role.ROLE_ROOT) {
    throw new Error(`${method.definition.path} reaches the whole installation, so it needs the role ROOT or SERVICE.`);
  }
  return access;
}
