import type { MeterQuantity } from "@alfred/contracts";
import type { DrainEnd } from "./exchange/departure.ts";
import { counter, gauge, histogram, type MetricRegistry } from "@alfred/telemetry";

/** Seconds until the first byte or the end of an answer; models think for minutes. */
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Tokens a second: slow models write ten, fast hardware two thousand. */
const PACES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** How one attempt at a provider ended. */
interface AttemptMetric {
  readonly provider: string;
  readonly model: string;
  /** "answered", or the reason by name. */
  readonly outcome: string;
  readonly durationMs: number;
  /** From the call to the first byte; undefined where none came. */
  readonly firstByteMs: number | undefined;
  /** Tokens of the answer per second, undefined where that cannot be told. */
  readonly tokensPerSecond: number | undefined;
  readonly quantities: readonly MeterQuantity[];
  readonly costNanos: bigint;
}

/** What the gateway counts. Models are those of providers and price book, so their names stay few. */
export interface GatewayMetrics {
  /** One request, "answered" or the reason by name. */
  requestEnded(operation: string, outcome: string): void;
  attemptEnded(attempt: AttemptMetric): void;
  /** An answer was read on, or should have been, after its caller had gone. */
  drainEnded(end: DrainEnd): void;
  /** A shadow is over; `reason` by name where it was not answered. Dropped is what was never on record. */
  shadowEnded(outcome: "answered" | "failed" | "dropped", reason: string): void;
}

/** How much is under way, and waits behind it to be acknowledged. */
export interface Depths {
  readonly inFlight: number;
  /** Of these, those whose callers went away. */
  readonly draining: number;
  readonly settlements: number;
  readonly records: number;
}

const NANOS_PER_USD = 1e9;

/** Registers the gateway's metrics; depths are looked at when somebody asks for them. */
export function createGatewayMetrics(registry: MetricRegistry, depths: () => Depths): GatewayMetrics {
  gaugeDepths(registry, depths);
  const requests = counter({ registry, name: "alfred_gateway_requests_total", help: "Requests for models, by what was asked and how it ended.", labels: ["operation", "outcome"] });
  const attempts = counter({ registry, name: "alfred_gateway_attempts_total", help: "Calls to providers, by how they ended.", labels: ["provider", "outcome"] });
  const duration = histogram({ registry, name: "alfred_gateway_provider_duration_seconds", help: "Time from a call to a provider to the end of its answer.", labels: ["provider"], buckets: SECONDS });
  const firstByte = histogram({ registry, name: "alfred_gateway_provider_first_byte_seconds", help: "Time from a call to a provider to its first byte.", labels: ["provider"], buckets: SECONDS });
  const pace = histogram({ registry, name: "alfred_gateway_output_tokens_per_second", help: "Tokens of a streamed answer per second, from its first byte to its last.", labels: ["provider"], buckets: PACES });
  const drains = counter({ registry, name: "alfred_gateway_drains_total", help: "Answers that were read on for a caller that went away, by what came of it.", labels: ["end"] });
  const shadows = counter({ registry, name: "alfred_gateway_shadows_total", help: "Copies of requests that went to another model, or should have, by how they ended.", labels: ["outcome", "reason"] });
  const tokens = counter({ registry, name: "alfred_gateway_usage_total", help: "What was used, by meter.", labels: ["provider", "model", "meter"] });
  const cost = counter({ registry, name: "alfred_gateway_cost_usd_total", help: "What was charged, in dollars; for exact sums ask metering.", labels: ["provider", "model"] });
  return {
    requestEnded: (operation, outcome) => requests.inc({ operation, outcome }),
    attemptEnded({ provider, model, outcome, durationMs, firstByteMs, tokensPerSecond, quantities, costNanos }) {
      attempts.inc({ provider, outcome });
      duration.observe({ provider }, durationMs / 1_000);
      if (firstByteMs !== undefined) firstByte.observe({ provider }, firstByteMs / 1_000);
      if (tokensPerSecond !== undefined) pace.observe({ provider }, tokensPerSecond);
      for (const { meter, quantity } of quantities) tokens.inc({ provider, model, meter }, Number(quantity));
      if (costNanos > 0n) cost.inc({ provider, model }, Number(costNanos) / NANOS_PER_USD);
    },
    drainEnded: (end) => drains.inc({ end }),
    shadowEnded: (outcome, reason) => shadows.inc({ outcome, reason }),
  };
}

function gaugeDepths(registry: MetricRegistry, depths: () => Depths): void {
  const inFlight = gauge({ registry, name: "alfred_gateway_in_flight", help: "Requests under way." });
  const queued = gauge({ registry, name: "alfred_gateway_queue_depth", help: "What waits to be acknowledged, by queue.", labels: ["queue"] });
  const draining = gauge({ registry, name: "alfred_gateway_draining", help: "Answers that are read on for callers that went away." });
  Object.assign(draining, { collect: () => draining.set(depths().draining) });
  // prom-client calls a metric's `collect` before it reads its value.
  Object.assign(inFlight, { collect: () => inFlight.set(depths().inFlight) });
  Object.assign(queued, {
    collect: () => {
      const { settlements, records } = depths();
      queued.set({ queue: "settlements" }, settlements);
      queued.set({ queue: "usage_records" }, records);
    },
  });
}
