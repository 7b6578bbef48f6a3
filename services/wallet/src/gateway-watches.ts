import { fail } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import { GatewayWatch } from "./gateway-watch.ts";
import type { GatewayStart, LeaseNews } from "./gateway-watch.ts";

/** What the database says to those who watch. */
export interface GatewayBooks {
  /** The present start of each gateway. */
  starts(gatewayIds: readonly string[]): Promise<readonly GatewayStart[]>;
  /** The open leases that were asked back, per gateway. */
  recalled(gatewayIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The organisations whose limits were changed at `sinceMs` or later. */
  limitsChanged(sinceMs: number): Promise<readonly LimitsChange[]>;
}

/** An organisation whose limits changed. */
export interface LimitsChange {
  readonly organisationId: string;
  readonly revision: bigint;
  readonly changeTimeMs: number;
}

export interface GatewayWatchesParts {
  readonly books: GatewayBooks;
  readonly now: () => number;
  readonly log: Logger;
  /** How often to look for what other processes of the wallet did, in milliseconds. */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 500;
/** How far back a change of limits is looked for: by how much the clocks and commits of two processes may differ. */
const LIMITS_OVERLAP_MS = 10_000;
const MAX_WATCHES = 10_000;

/**
 * The gateways that watch here. What this process did is told at once after its commit; what another one did is looked
 * for twice a second. Of several streams of one gateway the newest start's newest stream is the one that counts.
 */
export class GatewayWatches implements Disposable {
  readonly #parts: GatewayWatchesParts;
  readonly #watches = new Map<string, GatewayWatch>();
  /** When the last change that was told happened, per organisation. */
  readonly #limitsTold = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(parts: GatewayWatchesParts) {
    this.#parts = parts;
  }

  /**
   * The news of a gateway that was welcomed; what is recalled already comes first. Ends with the signal, where the
   * start is superseded, and where it watches by another stream.
   *
   * @throws AlfredError OVERLOADED where too many watch already
   */
  async *watch(start: GatewayStart, signal: AbortSignal): AsyncGenerator<LeaseNews, void, undefined> {
    const watch = this.#join(start);
    try {
      await this.#lookFor([start.gatewayId]);
      yield* watch.news(signal);
    } finally {
      this.#leave(watch);
    }
  }

  /** Leases that a commit of this process asked back. */
  recalled(leases: ReadonlyArray<{ readonly id: string; readonly gatewayId: string }>): void {
    for (const { id, gatewayId } of leases) this.#watches.get(gatewayId)?.recall([id]);
  }

  /** The limits of an organisation, which a commit of this process changed. */
  limitsRevised(organisationId: string, revision: bigint): void {
    for (const watch of this.#watches.values()) watch.revise(organisationId, revision);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #join(start: GatewayStart): GatewayWatch {
    if (this.#watches.size >= MAX_WATCHES) throw fail("OVERLOADED", `${MAX_WATCHES} gateways watch already.`);
    const watch = new GatewayWatch(start);
    const other = this.#watches.get(start.gatewayId);
    if (other !== undefined && other.start.incarnation > start.incarnation) {
      watch.supersede(other.start.startId);
      return watch;
    }
    if (other?.start.startId === start.startId) other.end();
    else other?.supersede(start.startId);
    this.#watches.set(start.gatewayId, watch);
    this.#timer ??= setInterval(() => void this.#look(), this.#parts.lookEveryMs ?? LOOK_EVERY_MS);
    return watch;
  }

  #leave(watch: GatewayWatch): void {
    const { gatewayId } = watch.start;
    if (this.#watches.get(gatewayId) !== watch) return;
    this.#watches.delete(gatewayId);
    if (this.#watches.size === 0) this[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#lookFor([...this.#watches.keys()]);
      await this.#lookForLimits();
    } catch (err) {
      this.#parts.log.warn({ err }, "what concerns the gateways could not be read; it is read again in half a second");
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookFor(gatewayIds: readonly string[]): Promise<void> {
    const { books } = this.#parts;
    const [recalled, starts] = await Promise.all([books.recalled(gatewayIds), books.starts(gatewayIds)]);
    for (const id of gatewayIds) this.#watches.get(id)?.review(recalled.get(id) ?? new Set());
    for (const { gatewayId, startId, incarnation } of starts) {
      const watch = this.#watches.get(gatewayId);
      if (watch !== undefined && watch.start.incarnation < incarnation) watch.supersede(startId);
    }
  }

  async #lookForLimits(): Promise<void> {
    const sinceMs = this.#parts.now() - LIMITS_OVERLAP_MS;
    for (const change of await this.#parts.books.limitsChanged(sinceMs)) this.#tellLimits(change);
    for (const [id, toldMs] of this.#limitsTold) if (toldMs < sinceMs) this.#limitsTold.delete(id);
  }

  #tellLimits({ organisationId, revision, changeTimeMs }: LimitsChange): void {
    if (changeTimeMs <= (this.#limitsTold.get(organisationId) ?? -1)) return;
    this.#limitsTold.set(organisationId, changeTimeMs);
    this.limitsRevised(organisationId, revision);
  }
}
