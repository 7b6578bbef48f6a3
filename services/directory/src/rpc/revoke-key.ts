import { RevokeKeyRequest, RevokeKeyResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { objectId } from "../domain/field.ts";
import { revokeKey as revoke } from "../write-tree.ts";
import { writeKey } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import { visibleKey } from "./tenancy.ts";

const RPC = { name: "RevokeKey", request: RevokeKeyRequest, response: RevokeKeyResponse };

/** Ends a key for good; one that has ended already keeps the time of its first end. */
export function revokeKey(directory: DirectoryContext, request: RevokeKeyRequest, call: CallContext): Promise<RevokeKeyResponse> {
  const id = objectId("key_id", request.keyId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const key = await visibleKey(transaction.sql, call.principal, id);
    return { key: writeKey(await revoke(transaction, key, "api")) };
  });
}
