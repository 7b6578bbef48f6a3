import type { WatchConfigRequest, WatchConfigResponse } from "@alfred/contracts";

import { followChanges } from "../store/change-stream.ts";
import type { ChangeSource } from "../store/change-stream.ts";
import type { Change } from "../store/changes.ts";
import { findDeployments } from "../store/deployments.ts";
import { findProviders } from "../store/providers.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { writeDeployment, writeProvider } from "./mappers.ts";

/** What the watch of the configuration reads from. */
export interface ConfigSource extends ChangeSource {
  readonly secrets: SecretBox;
}

/** Streams providers, their secrets opened, and deployments, as they are now and as they change. */
export async function* watchConfig(source: ConfigSource, request: WatchConfigRequest, signal: AbortSignal): AsyncGenerator<WatchConfigResponse> {
  for await (const event of followChanges(source, "config", request.revision, signal)) {
    if (event.kind === "snapshot") yield { event: { $case: "snapshotStarted", value: {} } };
    else if (event.kind === "synced") yield { event: { $case: "synced", value: { revision: event.revision } } };
    else yield* await readObjects(source, event.changes);
  }
}

async function readObjects(source: ConfigSource, changes: readonly Change[]): Promise<WatchConfigResponse[]> {
  const wanted = changes.filter((change) => !change.removed);
  const idsOf = (kind: Change["kind"]): string[] => wanted.filter((change) => change.kind === kind).map((change) => change.objectId);
  const [providers, deployments] = await Promise.all([findProviders(source.sql, idsOf("provider")), findDeployments(source.sql, idsOf("deployment"))]);
  const found = new Map<string, WatchConfigResponse>();
  for (const { provider, sealedSecret } of providers) {
    const secret = sealedSecret === undefined ? "" : source.secrets.open(sealedSecret, provider.id);
    found.set(`provider ${provider.id}`, { event: { $case: "provider", value: { provider: writeProvider(provider), secret } } });
  }
  for (const deployment of deployments) {
    found.set(`deployment ${deployment.id}`, { event: { $case: "deployment", value: writeDeployment(deployment) } });
  }
  return changes.flatMap((change) => (change.removed ? removal(change) : (found.get(`${change.kind} ${change.objectId}`) ?? [])));
}

function removal(change: Change): WatchConfigResponse {
  const $case = change.kind === "provider" ? "removedProviderId" : "removedDeploymentId";
  return { event: { $case, value: change.objectId } };
}
