import { PutDeploymentRequest, PutDeploymentResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { askedModel, deploymentId, modelName, providerId, weight } from "../domain/provider.ts";
import { notFound } from "../domain/refusal.ts";
import { writeDeployment } from "./config-mappers.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "PutDeployment", request: PutDeploymentRequest, response: PutDeploymentResponse };

/** Makes or replaces a deployment. From then on the file leaves it alone. Errors: NOT_FOUND for the provider. */
export function putDeployment(
  directory: Directory,
  request: PutDeploymentRequest,
  call: CallContext,
): Promise<PutDeploymentResponse> {
  const model = askedModel("model", request.model);
  const terms = {
    id: deploymentId(request.deploymentId),
    model,
    providerId: providerId(request.providerId),
    upstreamModel: request.upstreamModel === "" ? model : modelName("upstream_model", request.upstreamModel),
    weight: weight(request.weight),
  };
  return mutate(directory, RPC, request, call, async (transaction) => {
    if ((await transaction.findProvider(terms.providerId)) === undefined) throw notFound("provider", terms.providerId);
    const deployment = { ...terms, source: "api", updateTime: transaction.now } as const;
    await transaction.putDeployment(deployment);
    return { deployment: writeDeployment(deployment) };
  });
}
