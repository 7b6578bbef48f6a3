import type { RateLimiter } from "@alfred/redis";
import type { CallContext } from "@alfred/rpc";
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
import type { Entrance } from "./gate.ts";
import type { ShadowOrder, ShadowRun } from "./shadow.ts";

/** Makes a call once more, with other parts and for another caller. */
export type Again = (parts: ExchangeParts, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

/** In whose name it is made, though nobody waits for it. */
export type Caller = Pick<CallContext, "principal" | "requestId" | "log">;

/** Who makes copies of requests. */
export interface ShadowPort {
  /** Begins a shadow when what runs now is done, by which the answer is on its way; or drops it. */
  start(parts: ExchangeParts, again: Again, order: ShadowOrder, caller: Caller): void;
}

/** What every request is served with. */
export interface ExchangeParts {
  readonly feeds: Feeds;
  readonly limiter: RateLimiter;
  readonly gate: Entrance;
  readonly departures: Departures;
  readonly shadows: ShadowPort;
  /** Makes the same call once more, for its shadow; undefined where it can have none. */
  readonly again?: Again;
  /** The shadow that the call is; undefined where it is a client's own. */
  readonly shadowing?: ShadowRun;
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
