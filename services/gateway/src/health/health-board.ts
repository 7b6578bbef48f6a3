import { Broadcast, type Delta } from "@alfred/rpc";
import type { BreakerFigures } from "../domain/breaker.ts";
import type { RoutingTable, Upstream } from "../domain/route.ts";
import type { Target } from "../domain/target.ts";
import type { Targets } from "../domain/targets.ts";
import type { ProviderCheck } from "./provider-check.ts";

/** How a provider does. */
type ProviderState = "healthy" | "degraded" | "unavailable";

/** How a model at a provider does. */
export interface DeploymentStatus {
  /** As the provider names it. */
  readonly model: string;
  readonly figures: BreakerFigures;
  /** Calls under way. */
  readonly inFlight: number;
}

/** How a provider does, and each of its models. */
export interface ProviderStatus {
  readonly upstream: Upstream;
  readonly state: ProviderState;
  /** The last check of it; undefined where there was none. */
  readonly check: ProviderCheck | undefined;
  /** Those first that are not closed, then by name. */
  readonly deployments: readonly DeploymentStatus[];
}

/** What the board tells. */
export type HealthEvent = { $case: "provider"; value: ProviderStatus } | { $case: "removedProviderId"; value: string };

/** What the board looks at. */
export interface HealthSources {
  readonly routes: () => RoutingTable;
  readonly targets: Targets;
  readonly lastCheck: (providerId: string) => ProviderCheck | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Most deployments that are told of a provider: clients can name models at will. */
const MOST_DEPLOYMENTS = 1_000;

/** How all providers do, as this gateway sees it, and every change of that. */
export class HealthBoard {
  readonly changes = new Broadcast<Delta<HealthEvent>>();
  readonly #sources: HealthSources;
  /** The next start counts on from its own time, so that no revision comes back. */
  #revision: bigint;

  constructor(sources: HealthSources) {
    this.#sources = sources;
    this.#revision = BigInt(sources.now()) * 1_000n;
  }

  /** Rises with each change. */
  get revision(): bigint {
    return this.#revision;
  }

  /** All providers, by id. */
  all(): ProviderStatus[] {
    const { routes, targets } = this.#sources;
    const known = Map.groupBy(targets.all(), ({ providerId }) => providerId);
    return [...routes().providers.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1)).map((upstream) => this.#statusOf(upstream, known.get(upstream.id) ?? []));
  }

  /** Says that a provider does otherwise than it did. */
  changed(providerId: string): void {
    this.#revision += 1n;
    const upstream = this.#sources.routes().providers.get(providerId);
    if (upstream === undefined || this.changes.size === 0) return;
    const known = this.#sources.targets.all().filter((each) => each.providerId === providerId);
    this.#publish([{ $case: "provider", value: this.#statusOf(upstream, known) }]);
  }

  /** Says that there are other providers or deployments now. */
  reconfigured(before: RoutingTable): void {
    this.#revision += 1n;
    if (this.changes.size === 0) return;
    const all = this.all();
    const gone = new Set(before.providers.keys()).difference(new Set(all.map(({ upstream }) => upstream.id)));
    this.#publish([...all.map((value) => ({ $case: "provider" as const, value })), ...[...gone].map((value) => ({ $case: "removedProviderId" as const, value }))]);
  }

  #publish(events: HealthEvent[]): void {
    this.changes.publish({ revision: this.#revision, events });
  }

  #statusOf(upstream: Upstream, known: readonly { readonly model: string; readonly target: Target }[]): ProviderStatus {
    const nowMs = this.#sources.now();
    const configured = (this.#sources.routes().byProvider.get(upstream.id) ?? []).map(({ upstreamModel }) => upstreamModel);
    const targets = new Map<string, Target>(known.map(({ model, target }) => [model, target]));
    for (const model of configured) if (!targets.has(model)) targets.set(model, this.#sources.targets.of(upstream.id, model));
    const deployments = [...targets].map(([model, target]) => ({ model, figures: target.figures(nowMs), inFlight: target.inFlight })).toSorted(byTrouble);
    const check = this.#sources.lastCheck(upstream.id);
    return { upstream, state: stateOf(deployments, check), check, deployments: deployments.slice(0, MOST_DEPLOYMENTS) };
  }
}

/** How a provider does that has these deployments. */
export function stateOf(deployments: readonly DeploymentStatus[], check: ProviderCheck | undefined): ProviderState {
  const failing = deployments.filter(({ figures: { state } }) => state !== "closed").length;
  if (failing === 0 && check?.result !== "failed") return "healthy";
  return failing === deployments.length ? "unavailable" : "degraded";
}

function byTrouble(left: DeploymentStatus, right: DeploymentStatus): number {
  const order = Number(left.figures.state === "closed") - Number(right.figures.state === "closed");
  return order || (left.model < right.model ? -1 : 1);
}
