/** From a call to a mutation: who asks, under which id, and what makes a second one the same. */
import { Role } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import { requestId } from "../domain/field.ts";
import type { Codec, Directory, Transaction } from "../domain/ports.ts";

/** An RPC that changes something. */
export interface MutatingRpc<Request, Response> {
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly redact?: (response: Response) => Response;
}

/** Runs `work` once per tenant, RPC and `request_id`. Errors: INVALID_ARGUMENT for the id, REQUEST_ID_REUSED. */
export function mutate<Request extends { requestId: string }, Response>(
  directory: Directory,
  rpc: MutatingRpc<Request, Response>,
  request: Request,
  call: CallContext,
  work: (transaction: Transaction) => Promise<Response>,
): Promise<Response> {
  const scope = {
    tenant: call.principal.tenant ?? "installation",
    rpc: rpc.name,
    requestId: requestId(request.requestId),
  };
  const body = rpc.request.encode(request).finish();
  const mutation = {
    scope,
    actor: actorOf(call),
    body,
    response: rpc.response,
    ...(rpc.redact && { redact: rpc.redact }),
  };
  return directory.write(mutation, work);
}

function actorOf(call: CallContext): string {
  const { role, keyId } = call.principal;
  if (role === Role.ROLE_SERVICE) return "service";
  return role === Role.ROLE_ROOT ? "root" : (keyId ?? "service");
}
