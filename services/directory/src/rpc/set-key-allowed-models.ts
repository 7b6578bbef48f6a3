import { SetKeyAllowedModelsRequest, SetKeyAllowedModelsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { allowedModels, objectId } from "../domain/field.ts";
import { writeKey } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import { visibleKey } from "./tenancy.ts";

const RPC = {
  name: "SetKeyAllowedModels",
  request: SetKeyAllowedModelsRequest,
  response: SetKeyAllowedModelsResponse,
};

/** Replaces the models of a key. */
export function setKeyAllowedModels(
  directory: Directory,
  request: SetKeyAllowedModelsRequest,
  call: CallContext,
): Promise<SetKeyAllowedModelsResponse> {
  const id = objectId("key_id", request.keyId);
  const models = allowedModels(request.allowedModels);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const key = await visibleKey(transaction, call.principal, id);
    return { key: writeKey(await transaction.setKeyModels(key, models)) };
  });
}
