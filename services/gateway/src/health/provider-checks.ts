import type { Logger } from "@alfred/telemetry";
import type { RoutingTable, Upstream } from "../domain/route.ts";
import type { Targets } from "../domain/targets.ts";
import type { FreeRequest } from "../providers/free-request.ts";
import { type CheckIntervals, CheckSchedule } from "./check-schedule.ts";
import type { CheckOutcome, ProviderCheck } from "./provider-check.ts";

/** How providers are checked. */
export interface CheckConfig extends CheckIntervals {
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** What checks are made with. */
export interface CheckParts {
  readonly routes: () => RoutingTable;
  readonly targets: Targets;
  /** What a provider may be asked; undefined where nothing is free. */
  readonly requestOf: (upstream: Upstream) => FreeRequest | undefined;
  readonly ask: (request: FreeRequest, signal: AbortSignal) => Promise<CheckOutcome>;
  /** Hears of each check, and whether the one before it came to something else. */
  readonly onCheck: (providerId: string, check: ProviderCheck, isNews: boolean) => void;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** How often it is looked whose turn it is, within these bounds, in milliseconds. */
const [LEAST_TICK_MS, MOST_TICK_MS] = [10, 500];

/**
 * Asks each provider now and then whether it is there, more often while something is wrong with it, so that it is noticed
 * without a client's request that it fails, or works again. What is asked costs nothing.
 */
export class ProviderChecks implements AsyncDisposable {
  readonly #config: CheckConfig;
  readonly #parts: CheckParts;
  readonly #schedule: CheckSchedule;
  readonly #last = new Map<string, ProviderCheck>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(config: CheckConfig, parts: CheckParts) {
    this.#config = config;
    this.#parts = parts;
    this.#schedule = new CheckSchedule(config, parts.random);
  }

  /** What the last check of a provider came to; undefined where there was none. */
  last(providerId: string): ProviderCheck | undefined {
    return this.#last.get(providerId);
  }

  /** Begins, unless there are to be no checks. */
  start(): void {
    const { intervalMs, openIntervalMs } = this.#config;
    if (intervalMs === 0) return;
    const tickMs = Math.min(MOST_TICK_MS, Math.max(LEAST_TICK_MS, Math.min(intervalMs, openIntervalMs) / 2));
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #tick(): void {
    const { routes, targets, now } = this.#parts;
    const { providers } = routes();
    for (const id of this.#last.keys()) if (!providers.has(id)) this.#last.delete(id);
    const nowMs = now();
    const failing = new Set(targets.all().filter(({ target }) => target.state !== "closed" || target.isSilent(nowMs)).map(({ providerId }) => providerId));
    const asked = [...providers.values()].map(({ id }) => ({ id, isFailing: failing.has(id) || this.#last.get(id)?.result === "failed" }));
    for (const id of this.#schedule.take(asked, nowMs)) this.#begin(id);
  }

  #begin(id: string): void {
    const check = this.#check(id)
      .catch((error: unknown) => this.#parts.log.error({ error, provider: id }, "a check of a provider went wrong"))
      .finally(() => {
        this.#schedule.over(id);
        this.#running.delete(check);
      });
    this.#running.add(check);
  }

  async #check(id: string): Promise<void> {
    const { ask, now, requestOf, routes } = this.#parts;
    const upstream = routes().providers.get(id);
    const request = upstream && requestOf(upstream);
    if (request === undefined) return;
    const startMs = now();
    const outcome = await ask(request, AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#config.timeoutMs)]));
    if (!this.#stop.signal.aborted) this.#learn(id, { ...outcome, atMs: now(), durationMs: now() - startMs });
  }

  #learn(id: string, check: ProviderCheck): void {
    const { routes, targets, onCheck } = this.#parts;
    if (!routes().providers.has(id)) return;
    const isNews = this.#last.get(id)?.result !== check.result;
    this.#last.set(id, check);
    if (check.result !== "unknown") {
      // Those that nobody called yet are to be known by it, too.
      for (const { upstreamModel } of routes().byProvider.get(id) ?? []) targets.of(id, upstreamModel);
      targets.checked(id, check.result === "passed", check.atMs);
    }
    onCheck(id, check, isNews);
  }
}
