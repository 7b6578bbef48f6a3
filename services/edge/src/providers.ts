import {
  type DeploymentHealth, type ProviderCheck, type ProviderHealth, type ServedProvider, breakerStateToJSON, checkResultToJSON, providerKindToJSON, providerStateToJSON,
} from "@alfred/contracts";
import { type Exchange, sendJson } from "./http/exchange.ts";
import { callOptions } from "./http/identity.ts";
import type { ModelParts } from "./http/model-parts.ts";

/** GET /v1/providers: those that serve what the key may use. */
export async function listProviders({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { providers } = await gateway.listProviders({}, callOptions(exchange));
  sendJson(exchange.response, 200, { object: "list", data: providers.map(writeProvider) });
}

/** GET /v1/providers/health, of one with `?provider=`. */
export async function getProviderHealth({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { providers } = await gateway.getProviderHealth({ providerId: exchange.query.get("provider") ?? "" }, callOptions(exchange));
  sendJson(exchange.response, 200, { object: "list", data: providers.map(writeHealth) });
}

function writeProvider({ id, kind, region, state }: ServedProvider): object {
  return { id, object: "provider", kind: wordOf(providerKindToJSON(kind), "PROVIDER_KIND_"), region, state: wordOf(providerStateToJSON(state), "PROVIDER_STATE_") };
}

function writeHealth({ providerId: id, state, deployments, lastCheck }: ProviderHealth): object {
  const check = lastCheck === undefined ? null : writeCheck(lastCheck);
  return { id, object: "provider.health", state: wordOf(providerStateToJSON(state), "PROVIDER_STATE_"), last_check: check, deployments: deployments.map(writeDeployment) };
}

function writeCheck({ result, reason, time, duration }: ProviderCheck): object {
  const durationMs = Number(duration?.seconds ?? 0n) * 1_000 + (duration?.nanos ?? 0) / 1_000_000;
  return { result: wordOf(checkResultToJSON(result), "CHECK_RESULT_"), reason, time: timeOf(time), duration_ms: durationMs };
}

function writeDeployment({ model, state, sinceTime, openUntilTime, reason, share, load }: DeploymentHealth): object {
  const told = { model, state: wordOf(breakerStateToJSON(state), "BREAKER_STATE_"), since: timeOf(sinceTime), open_until: timeOf(openUntilTime), reason, share };
  if (load === undefined) return told;
  const { inFlight, recentCalls, recentFailures, failuresInRow } = load;
  return { ...told, load: { in_flight: inFlight, recent_calls: recentCalls, recent_failures: recentFailures, failures_in_row: failuresInRow } };
}

/** A value of an enumeration as clients read it: "half_open". */
function wordOf(name: string, prefix: string): string {
  return name.slice(prefix.length).toLowerCase();
}

function timeOf(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}
