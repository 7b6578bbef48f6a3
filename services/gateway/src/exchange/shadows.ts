import { AlfredError, fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { Targets } from "../domain/targets.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { Departures } from "./departure.ts";
import type { Entrance } from "./gate.ts";
import type { Again, Caller, ExchangeParts, ShadowPort } from "./parts.ts";
import type { ShadowOrder } from "./shadow.ts";

/** How many shadows there may be. */
export interface ShadowConfig {
  /** At once; what comes on top is dropped. */
  readonly maxShadows: number;
  /** How long one may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Called once, whatever comes of it: another try would tell of the model what a client never sees. */
const ONCE = { maxAttempts: 1, maxCalls: 1, repeatsBilled: false };

const NO_METADATA: ReadonlyMap<string, string> = new Map();

/**
 * Copies of requests that go to another model, for their records alone. A shadow has a time, a deadline and an admission of its
 * own; and what it learns of providers counts for shadows only, so that it bears on no client's request.
 */
export class Shadows implements ShadowPort {
  readonly #config: ShadowConfig;
  readonly #metrics: Pick<GatewayMetrics, "shadowEnded">;
  readonly #gate: Entrance;
  readonly #running = new Set<AbortController>();
  readonly #targets = new Targets();
  // Where a shadow is ended nothing is read on.
  readonly #departures = new Departures({ drainMs: 0, maxDrains: 0 }, () => undefined);
  #isClosed = false;

  /** @param gate takes no place of requests that somebody waits for */
  constructor(config: ShadowConfig, metrics: Pick<GatewayMetrics, "shadowEnded">, gate: Entrance) {
    this.#config = config;
    this.#gate = gate;
    this.#metrics = metrics;
  }

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /** Begins a shadow when what runs now is done, by which the answer is on its way; or drops it. */
  start(parts: ExchangeParts, again: Again, order: ShadowOrder, { principal, requestId, log }: Caller): void {
    if (this.#isClosed || this.#running.size >= this.#config.maxShadows) {
      this.#metrics.shadowEnded("dropped", this.#isClosed ? "UNAVAILABLE" : "OVERLOADED");
      return;
    }
    const run = new AbortController();
    this.#running.add(run);
    setImmediate(() => void this.#run(parts, again, order, { principal, requestId, log }, run));
  }

  /** Ends those that are under way, which are charged for what came of them, and begins no more: the gateway stops. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#running) run.abort(fail("CANCELLED", "The gateway stops."));
  }

  async #run(parts: ExchangeParts, again: Again, order: ShadowOrder, caller: Caller, run: AbortController): Promise<void> {
    let isAdmitted = false;
    const admitted = (): void => {
      isAdmitted = true;
    };
    const { metrics, retry } = parts;
    const own = {
      ...parts, gate: this.#gate, targets: this.#targets, departures: this.#departures, shadowing: { ...order, admitted },
      metrics: { ...metrics, requestEnded: () => undefined }, retry: { ...retry, ...ONCE },
    };
    try {
      await readToEnd(again(own, { ...caller, signal: run.signal, deadline: parts.now() + this.#config.timeoutMs, metadata: NO_METADATA }));
      this.#metrics.shadowEnded("answered", "");
    } catch (error) {
      this.#metrics.shadowEnded(isAdmitted ? "failed" : "dropped", error instanceof AlfredError ? error.code : "INTERNAL");
      if (!(error instanceof AlfredError)) caller.log.error({ err: error }, "a shadow failed by a mistake of the gateway's own");
    } finally {
      this.#running.delete(run);
    }
  }
}

/** A handler of calls, as one whose requests can have shadows. */
export function withShadows<Request, Answer extends Promise<unknown> | AsyncIterable<unknown>>(
  parts: ExchangeParts,
  handle: (parts: ExchangeParts, request: Request, context: CallContext) => Answer,
): (request: Request, context: CallContext) => Answer {
  return (request, context) => {
    if (!parts.feeds.rules.hasShadows) return handle(parts, request, context);
    return handle({ ...parts, again: (own, caller) => handle(own, request, caller) }, request, context);
  };
}

async function readToEnd(answer: Promise<unknown> | AsyncIterable<unknown>): Promise<void> {
  if (answer instanceof Promise) return void (await answer);
  const events = answer[Symbol.asyncIterator]();
  while ((await events.next()).done !== true);
}
