import { CreateOrganisationRequest, CreateOrganisationResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { allowedModels, name, timeZone } from "../domain/field.ts";
import { ID_PREFIX } from "../domain/tree.ts";
import { readLimits, writeOrganisation } from "./mappers.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "CreateOrganisation", request: CreateOrganisationRequest, response: CreateOrganisationResponse };

/** Makes an organisation and the node that it is. */
export function createOrganisation(
  directory: Directory,
  request: CreateOrganisationRequest,
  call: CallContext,
): Promise<CreateOrganisationResponse> {
  const terms = { name: name(request.name), timeZone: timeZone(request.timeZone) };
  const opening = { limits: readLimits(request.limits), allowedModels: allowedModels(request.allowedModels) };
  return mutate(directory, RPC, request, call, async (transaction) => {
    const organisation = { id: newId(ID_PREFIX.organisation), ...terms, createTime: transaction.now };
    await transaction.addOrganisation(organisation, opening);
    return { organisation: writeOrganisation(organisation) };
  });
}
