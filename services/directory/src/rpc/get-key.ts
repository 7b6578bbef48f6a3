import type { GetKeyRequest, GetKeyResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { objectId } from "../domain/field.ts";
import { writeKey } from "./mappers.ts";
import { visibleKey } from "./tenancy.ts";

/** Tells of one key. */
export async function getKey(directory: DirectoryContext, request: GetKeyRequest, call: CallContext): Promise<GetKeyResponse> {
  const key = await visibleKey(directory.sql, call.principal, objectId("key_id", request.keyId));
  return { key: writeKey(key) };
}
