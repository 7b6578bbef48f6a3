import type { Logger, MetricRegistry } from "@alfred/telemetry";
import type { Dispatcher } from "undici";
import { type TargetChange, Targets } from "../domain/targets.ts";
import type { Feeds } from "../feeds/feeds.ts";
import { checkProvider } from "../providers/check-provider.ts";
import { freeRequestOf } from "../providers/free-request.ts";
import { HealthBoard } from "./health-board.ts";
import { countChanges, countChecks, gaugeBreakers } from "./health-metrics.ts";
import type { ProviderCheck } from "./provider-check.ts";
import { type CheckConfig, ProviderChecks } from "./provider-checks.ts";

interface HealthParts {
  readonly wayOut: Dispatcher;
  readonly registry: MetricRegistry;
  readonly feeds: Feeds;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/** What is known of providers and their deployments, what finds it out, and who is told of it. */
interface Health {
  readonly targets: Targets;
  readonly health: HealthBoard;
  readonly checks: ProviderChecks;
}

/** Puts it together; `checks.start` begins to ask. */
export function createHealth(config: CheckConfig, { wayOut, registry, feeds, log, now, random }: HealthParts): Health {
  const [countChange, countCheck] = [countChanges(registry), countChecks(registry)];
  const routes = (): Feeds["routes"] => feeds.routes;
  const onChange = (change: TargetChange): void => {
    const { providerId: provider, model, to } = change;
    countChange(change);
    if (to !== "half_open") log[to === "open" ? "warn" : "info"]({ provider, model }, `the breaker of a deployment is ${to}`);
    health.changed(provider);
  };
  const onCheck = (provider: string, check: ProviderCheck, isNews: boolean): void => {
    countCheck(provider, check);
    if (!isNews) return;
    const { result, reason } = check;
    log[result === "failed" ? "warn" : "info"]({ provider, reason }, `a check of a provider: ${result}`);
    health.changed(provider);
  };
  const targets: Targets = new Targets(onChange);
  const ask: ConstructorParameters<typeof ProviderChecks>[1]["ask"] = (request, signal) => checkProvider(wayOut, request, signal);
  const checks = new ProviderChecks(config, { routes, targets, requestOf: freeRequestOf, ask, onCheck, log, now, random });
  const health: HealthBoard = new HealthBoard({ routes, targets, lastCheck: (id) => checks.last(id), now });
  feeds.onRoutes((before) => health.reconfigured(before));
  gaugeBreakers(registry, targets);
  return { targets, health, checks };
}
