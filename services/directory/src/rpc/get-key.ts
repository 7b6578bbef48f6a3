import type { GetKeyRequest, GetKeyResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { writeKey } from "./mappers.ts";
import { visibleKey } from "./tenancy.ts";

/** Tells of one key. */
export async function getKey(directory: Directory, request: GetKeyRequest, call: CallContext): Promise<GetKeyResponse> {
  const key = await visibleKey(directory.reader, call.principal, objectId("key_id", request.keyId));
  return { key: writeKey(key) };
}
