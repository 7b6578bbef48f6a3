import { RevokeKeyRequest, RevokeKeyResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { writeKey } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import { visibleKey } from "./tenancy.ts";

const RPC = { name: "RevokeKey", request: RevokeKeyRequest, response: RevokeKeyResponse };

/** Ends a key for good; one that has ended already keeps the time of its first end. */
export function revokeKey(
  directory: Directory,
  request: RevokeKeyRequest,
  call: CallContext,
): Promise<RevokeKeyResponse> {
  const id = objectId("key_id", request.keyId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const key = await visibleKey(transaction, call.principal, id);
    return { key: writeKey(await transaction.revokeKey(key)) };
  });
}
