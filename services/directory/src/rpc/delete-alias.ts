import { DeleteAliasRequest, DeleteAliasResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { modelName } from "../domain/provider.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteAlias", request: DeleteAliasRequest, response: DeleteAliasResponse };

/** Removes an alias that a call has put. Errors: NOT_FOUND; FAILED_PRECONDITION for one that the file gives. */
export function deleteAlias(
  directory: Directory,
  request: DeleteAliasRequest,
  call: CallContext,
): Promise<DeleteAliasResponse> {
  const alias = modelName("alias", request.alias);
  return mutate(directory, RPC, request, call, async (transaction) => {
    await transaction.releaseAlias(alias);
    return {};
  });
}
