import type { RateLimiter } from "@alfred/redis";
import type { MoneyPort } from "../domain/money-port.ts";
import type { ProviderPort } from "../domain/provider-port.ts";
import type { Strategy } from "../domain/candidate-order.ts";
import type { CallPolicy } from "../domain/next-step.ts";
import type { Targets } from "../domain/targets.ts";
import type { Feeds } from "../feeds/feeds.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { Tokenizer } from "../tokens/tokenizer.ts";
import type { UsageQueue } from "../usage/usage-queue.ts";
import type { Departures } from "./departure.ts";
import type { Gate } from "./gate.ts";

/** What every request is served with. */
export interface ExchangeParts {
  readonly feeds: Feeds;
  readonly limiter: RateLimiter;
  readonly gate: Gate;
  readonly departures: Departures;
  readonly money: MoneyPort;
  readonly provider: ProviderPort;
  readonly records: UsageQueue;
  readonly tokenizer: Tokenizer;
  readonly metrics: GatewayMetrics;
  readonly retry: CallPolicy;
  /** How one of several deployments of a model is chosen. */
  readonly strategy: Strategy;
  /** How each of them has done lately. */
  readonly targets: Targets;
  /** How long a request may take in all, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1, for the pauses between attempts. */
  readonly random: () => number;
}
