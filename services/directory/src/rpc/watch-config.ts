import type { WatchConfigRequest, WatchConfigResponse } from "@alfred/contracts";

import type { Change, Directory } from "../domain/ports.ts";
import { writeAlias, writeDeployment, writeProvider } from "./config-mappers.ts";

/** What the key is for by which gateways seal ids: another purpose is another key. */
const SEALING = "alfred: ids of what providers keep, 1";

/** Streams providers, their secrets opened, deployments, aliases and rules for routes, as they are now and as they change. */
export async function* watchConfig(
  source: Pick<Directory, "reader" | "follow" | "secrets">,
  request: WatchConfigRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchConfigResponse> {
  yield { event: { $case: "sealingKey", value: source.secrets.derive(SEALING) } };
  for await (const event of source.follow("config", request.revision, signal)) {
    if (event.kind === "snapshot") yield { event: { $case: "snapshotStarted", value: {} } };
    else if (event.kind === "synced") yield { event: { $case: "synced", value: { revision: event.revision } } };
    else yield* await readObjects(source, event.changes);
  }
}

async function readObjects(
  source: Pick<Directory, "reader" | "follow" | "secrets">,
  changes: readonly Change[],
): Promise<WatchConfigResponse[]> {
  const wanted = changes.filter((change) => !change.removed);
  const idsOf = (kind: Change["kind"]): string[] =>
    wanted.filter((change) => change.kind === kind).map((change) => change.objectId);
  const [providers, deployments, aliases, rules] = await Promise.all([
    source.reader.findProviders(idsOf("provider")),
    source.reader.findDeployments(idsOf("deployment")),
    source.reader.findAliases(idsOf("alias")),
    source.reader.findRouteRules(idsOf("route_rule")),
  ]);
  const found = new Map<string, WatchConfigResponse>();
  for (const { provider, sealedSecret } of providers) {
    const secret = sealedSecret === undefined ? "" : source.secrets.open(sealedSecret, provider.id);
    found.set(`provider ${provider.id}`, {
      event: { $case: "provider", value: { provider: writeProvider(provider), secret } },
    });
  }
  for (const deployment of deployments) {
    found.set(`deployment ${deployment.id}`, { event: { $case: "deployment", value: writeDeployment(deployment) } });
  }
  for (const alias of aliases) found.set(`alias ${alias.alias}`, { event: { $case: "alias", value: writeAlias(alias) } });
  for (const rule of rules) found.set(`route_rule ${rule.id}`, { event: { $case: "routeRule", value: rule } });
  return changes.flatMap((change) =>
    change.removed ? removal(change) : (found.get(`${change.kind} ${change.objectId}`) ?? []),
  );
}

function removal(change: Change): WatchConfigResponse {
  const value = change.objectId;
  if (change.kind === "alias") return { event: { $case: "removedAlias", value } };
  if (change.kind === "route_rule") return { event: { $case: "removedRouteRuleId", value } };
  return { event: { $case: change.kind === "provider" ? "removedProviderId" : "removedDeploymentId", value } };
}
