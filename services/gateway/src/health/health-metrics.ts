import { counter, gauge, histogram, type MetricRegistry } from "@alfred/telemetry";
import type { BreakerState } from "../domain/breaker.ts";
import type { TargetChange, Targets } from "../domain/targets.ts";
import type { ProviderCheck } from "./provider-check.ts";

const STATES: readonly BreakerState[] = ["closed", "open", "half_open"];

/** Counts each change of a breaker's state. Models are left out: of those that clients name at will there are too many. */
export function countChanges(registry: MetricRegistry): (change: TargetChange) => void {
  const changes = counter({ registry, name: "alfred_gateway_breaker_changes_total", help: "Changes of a deployment's breaker, by the state that it is in since.", labels: ["provider", "state"] });
  return ({ providerId: provider, to: state }) => changes.inc({ provider, state });
}

/** Counts checks of providers, and how long they took. */
export function countChecks(registry: MetricRegistry): (providerId: string, check: ProviderCheck) => void {
  const checks = counter({ registry, name: "alfred_gateway_provider_checks_total", help: "Checks of providers, by what they came to.", labels: ["provider", "result"] });
  const duration = histogram({ registry, name: "alfred_gateway_provider_check_seconds", help: "Time that a check of a provider took.", labels: ["provider"] });
  return (provider, { result, durationMs }) => {
    checks.inc({ provider, result });
    duration.observe({ provider }, durationMs / 1_000);
  };
}

/** Registers how many deployments there are in each state. */
export function gaugeBreakers(registry: MetricRegistry, targets: Targets): void {
  const breakers = gauge({ registry, name: "alfred_gateway_breakers", help: "Deployments that were called, by the state of their breaker.", labels: ["provider", "state"] });
  // prom-client calls a metric's `collect` before it reads its value.
  Object.assign(breakers, {
    collect: () => {
      breakers.reset();
      for (const [provider, of] of Map.groupBy(targets.all(), ({ providerId }) => providerId)) {
        for (const state of STATES) breakers.set({ provider, state }, of.filter(({ target }) => target.state === state).length);
      }
    },
  });
}
