import { DeleteDeploymentRequest, DeleteDeploymentResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { objectId } from "../domain/field.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteDeployment", request: DeleteDeploymentRequest, response: DeleteDeploymentResponse };

/** Removes a deployment that a call has put. Errors: NOT_FOUND; FAILED_PRECONDITION for one that the file gives. */
export function deleteDeployment(
  directory: Directory,
  request: DeleteDeploymentRequest,
  call: CallContext,
): Promise<DeleteDeploymentResponse> {
  const id = objectId("deployment_id", request.deploymentId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    await transaction.releaseDeployment(id);
    return {};
  });
}
