import { DeleteProviderRequest, DeleteProviderResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { notFound, notNow } from "../domain/refusal.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteProvider", request: DeleteProviderRequest, response: DeleteProviderResponse };

/** Removes a provider. Errors: NOT_FOUND; FAILED_PRECONDITION while it has deployments. */
export function deleteProvider(
  directory: Directory,
  request: DeleteProviderRequest,
  call: CallContext,
): Promise<DeleteProviderResponse> {
  const id = objectId("provider_id", request.providerId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    if ((await transaction.findProvider(id)) === undefined) throw notFound("provider", id);
    const deployments = await transaction.countDeployments(id);
    if (deployments > 0) {
      throw notNow(`Provider "${id}" has ${deployments} deployments`, "Remove them first; ListDeployments shows them.");
    }
    await transaction.removeProvider(id);
    return {};
  });
}
