import { setTimeout as pause } from "node:timers/promises";
import type { WalletServiceService, WatchLeasesRequest, WatchLeasesResponse } from "@alfred/contracts";
import { failpoint } from "@alfred/lifecycle";
import { backoffMs, type Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { HelloEffect } from "../leases/effect.ts";

/** An event of WatchLeases. */
export type LeaseEvent = NonNullable<WatchLeasesResponse["event"]>;

export interface LeaseWatchParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly log: Logger;
  readonly hear: (event: LeaseEvent, startId: string) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** The wallet says at least something every five seconds. */
const SILENCE_MS = 15_000;

/**
 * Says to the wallet that this gateway is there, and hears what concerns its leases; when the watch ends, fails or falls
 * silent it is opened again with the same words, until there are others to say.
 */
export class LeaseWatch implements AsyncDisposable {
  readonly #parts: LeaseWatchParts;
  #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(parts: LeaseWatchParts) {
    this.#parts = parts;
  }

  /** Says this from now on. */
  hello({ gatewayId, startId, replaces, isIntact, leaseIds }: HelloEffect): void {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const request = { gatewayId, startId, replaces, intact: isIntact, leaseIds: [...leaseIds] };
    const before = this.#watching;
    this.#watching = before.then(() => this.#watch(request, stop.signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(request: WatchLeasesRequest, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const wasHeard = await this.#watchOnce(request, signal);
      if (wasHeard) attempt = 1;
      await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Watches until it ends for whatever reason; whether anything was heard. */
  async #watchOnce(request: WatchLeasesRequest, stop: AbortSignal): Promise<boolean> {
    const { wallet, log, hear } = this.#parts;
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), SILENCE_MS);
    const signal = AbortSignal.any([stop, silent.signal]);
    let wasHeard = false;
    try {
      const events = wallet.watchLeases(request, { signal });
      failpoint("hello-sent");
      for await (const { event } of events) {
        // Whoever is told each time that it is not wanted need not ask often.
        wasHeard = event?.$case !== "superseded";
        timer.refresh();
        if (event !== undefined && !stop.aborted) hear(event, request.startId);
      }
    } catch (err) {
      if (!stop.aborted) log.warn({ err }, "the watch of leases broke off and is opened again");
    } finally {
      clearTimeout(timer);
    }
    return wasHeard;
  }
}
