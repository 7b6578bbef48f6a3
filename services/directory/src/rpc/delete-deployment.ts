import { DeleteDeploymentRequest, DeleteDeploymentResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { DirectoryContext } from "../context.ts";
import { objectId } from "../domain/field.ts";
import { notFound } from "../domain/refusal.ts";
import { removeDeployment } from "../write-config.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteDeployment", request: DeleteDeploymentRequest, response: DeleteDeploymentResponse };

/** Removes a deployment. Errors: NOT_FOUND. */
export function deleteDeployment(
  directory: DirectoryContext,
  request: DeleteDeploymentRequest,
  call: CallContext,
): Promise<DeleteDeploymentResponse> {
  const id = objectId("deployment_id", request.deploymentId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    if (!(await removeDeployment(transaction, id))) throw notFound("deployment", id);
    return {};
  });
}
