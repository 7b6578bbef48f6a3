import { DeleteProviderRequest, DeleteProviderResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { objectId } from "../domain/field.ts";
import { notFound, notNow } from "../domain/refusal.ts";
import { countDeployments } from "../store/deployments.ts";
import { findProvider } from "../store/providers.ts";
import { removeProvider } from "../write-config.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteProvider", request: DeleteProviderRequest, response: DeleteProviderResponse };

/** Removes a provider. Errors: NOT_FOUND; FAILED_PRECONDITION while it has deployments. */
export function deleteProvider(directory: DirectoryContext, request: DeleteProviderRequest, call: CallContext): Promise<DeleteProviderResponse> {
  const id = objectId("provider_id", request.providerId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    if ((await findProvider(transaction.sql, id)) === undefined) throw notFound("provider", id);
    const deployments = await countDeployments(transaction.sql, id);
    if (deployments > 0) throw notNow(`Provider "${id}" has ${deployments} deployments`, "Remove them first; ListDeployments shows them.");
    await removeProvider(transaction, id);
    return {};
  });
}
