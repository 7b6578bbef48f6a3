import { BreakerState, CheckResult, type DeploymentHealth, type ProviderCheck, type ProviderHealth, ProviderState, type ServedProvider, providerKindFromJSON } from "@alfred/contracts";
import type { DeploymentStatus, ProviderStatus } from "../health/health-board.ts";
import type { ProviderCheck as Check } from "../health/provider-check.ts";

const PROVIDER_STATES = {
  healthy: ProviderState.PROVIDER_STATE_HEALTHY,
  degraded: ProviderState.PROVIDER_STATE_DEGRADED,
  unavailable: ProviderState.PROVIDER_STATE_UNAVAILABLE,
} as const;

const BREAKER_STATES = {
  closed: BreakerState.BREAKER_STATE_CLOSED,
  open: BreakerState.BREAKER_STATE_OPEN,
  half_open: BreakerState.BREAKER_STATE_HALF_OPEN,
} as const;

const CHECK_RESULTS = {
  passed: CheckResult.CHECK_RESULT_PASSED,
  failed: CheckResult.CHECK_RESULT_FAILED,
  unknown: CheckResult.CHECK_RESULT_UNKNOWN,
} as const;

export function toServedProvider({ upstream: { id, kind, region = "" }, state }: ProviderStatus): ServedProvider {
  return { id, kind: providerKindFromJSON(`PROVIDER_KIND_${kind.toUpperCase()}`), region, state: PROVIDER_STATES[state] };
}

/** @param isWhole whether it is told what others ask of it, too */
export function toProviderHealth({ upstream, state, deployments, check }: ProviderStatus, isWhole: boolean): ProviderHealth {
  const lastCheck = check && toProviderCheck(check);
  return { providerId: upstream.id, state: PROVIDER_STATES[state], deployments: deployments.map((each) => toDeploymentHealth(each, isWhole)), lastCheck };
}

function toProviderCheck({ result, reason, atMs, durationMs }: Check): ProviderCheck {
  const duration = { seconds: BigInt(Math.floor(durationMs / 1_000)), nanos: Math.round((durationMs % 1_000) * 1_000_000) };
  return { result: CHECK_RESULTS[result], reason, time: new Date(atMs), duration };
}

function toDeploymentHealth({ model, inFlight, figures }: DeploymentStatus, isWhole: boolean): DeploymentHealth {
  const { state, sinceMs, untilMs, reason, share, calls: recentCalls, failures: recentFailures, failuresInRow } = figures;
  const load = { inFlight, recentCalls, recentFailures, failuresInRow };
  return { model, state: BREAKER_STATES[state], sinceTime: timeOf(sinceMs), openUntilTime: timeOf(untilMs), reason, share, load: isWhole ? load : undefined };
}

function timeOf(ms: number): Date | undefined {
  return ms === 0 ? undefined : new Date(ms);
}
