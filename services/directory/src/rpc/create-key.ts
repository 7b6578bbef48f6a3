import { CreateKeyRequest, CreateKeyResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { allowedModels, expireTime, name, requestsPerMinute } from "../domain/field.ts";
import { mintSecret } from "../domain/key.ts";
import { keyUnder } from "../domain/new-node.ts";
import { ID_PREFIX } from "../domain/tree.ts";
import { readKeyRole, readLimits, writeKey } from "./mappers.ts";
import { mutate } from "./mutate.ts";
import { parentOf } from "./tenancy.ts";

const RPC = {
  name: "CreateKey",
  request: CreateKeyRequest,
  response: CreateKeyResponse,
  redact: (response: CreateKeyResponse): CreateKeyResponse => ({ ...response, secret: "" }),
};

/** Makes a key. Its secret is in the first answer only: what is stored for replays has none. */
export function createKey(
  directory: Directory,
  request: CreateKeyRequest,
  call: CallContext,
): Promise<CreateKeyResponse> {
  const organisationId = call.principal.organisation(request.organisationId);
  const terms = {
    name: name(request.name),
    role: readKeyRole(request.role),
    limits: readLimits(request.limits),
    allowedModels: allowedModels(request.allowedModels),
    requestsPerMinute: requestsPerMinute(request.requestsPerMinute),
  };
  return mutate(directory, RPC, request, call, async (transaction) => {
    // Judged here and not before, so that a replay after that time is answered as the first was.
    const end = expireTime(request.expireTime, transaction.now.getTime());
    const parent = await parentOf(transaction, organisationId, request.parentId);
    const secret = mintSecret();
    const key = keyUnder(parent, { id: newId(ID_PREFIX.key), ...terms, expireTime: end }, secret, transaction.now);
    await transaction.addKey(key);
    return { key: writeKey(key), secret: secret.text };
  });
}
