import { Role, SetNodeAllowedModelsRequest, SetNodeAllowedModelsResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { allowedModels, objectId } from "../domain/field.ts";
import { writeNode } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import { visibleNode } from "./tenancy.ts";

const RPC = {
  name: "SetNodeAllowedModels",
  request: SetNodeAllowedModelsRequest,
  response: SetNodeAllowedModelsResponse,
};

/** Replaces the models of a node; an organisation's own are root's to set, those below it also its administrators'. */
export function setNodeAllowedModels(
  directory: Directory,
  request: SetNodeAllowedModelsRequest,
  call: CallContext,
): Promise<SetNodeAllowedModelsResponse> {
  const id = objectId("node_id", request.nodeId);
  const models = allowedModels(request.allowedModels);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const node = await visibleNode(transaction, call.principal, id);
    if (node.kind === "organisation") needRoot(call);
    return { node: writeNode(await transaction.setNodeModels(node, models)) };
  });
}

function needRoot({ principal }: CallContext): void {
  if (principal.role >= Role.ROLE_ROOT) return;
  const message = "Only root may set the models of an organisation; its admins set those of what is below it.";
  throw fail("ROLE_INSUFFICIENT", message, { metadata: { role: "admin", required: "root" } });
}
