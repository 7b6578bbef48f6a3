import { DeleteDeploymentRequest, DeleteDeploymentResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { notFound } from "../domain/refusal.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteDeployment", request: DeleteDeploymentRequest, response: DeleteDeploymentResponse };

/** Removes a deployment. Errors: NOT_FOUND. */
export function deleteDeployment(
  directory: Directory,
  request: DeleteDeploymentRequest,
  call: CallContext,
): Promise<DeleteDeploymentResponse> {
  const id = objectId("deployment_id", request.deploymentId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    if (!(await transaction.removeDeployment(id))) throw notFound("deployment", id);
    return {};
  });
}
