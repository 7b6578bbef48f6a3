import { DeleteProviderRequest, DeleteProviderResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteProvider", request: DeleteProviderRequest, response: DeleteProviderResponse };

/** Removes a provider that a call has put. Errors: NOT_FOUND; FAILED_PRECONDITION, see `releaseProvider`. */
export function deleteProvider(
  directory: Directory,
  request: DeleteProviderRequest,
  call: CallContext,
): Promise<DeleteProviderResponse> {
  const id = objectId("provider_id", request.providerId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    await transaction.releaseProvider(id);
    return {};
  });
}
