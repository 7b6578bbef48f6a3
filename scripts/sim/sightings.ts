import type { HelloEffect, Settlement } from "../../services/gateway/src/leases/effect.ts";
import type { Grant } from "../../services/gateway/src/leases/lease-input.ts";
import { valueOf } from "../../services/wallet/src/domain/amount.ts";
import type { HelloResult } from "../../services/wallet/src/domain/hello.ts";
import type { Lease } from "../../services/wallet/src/domain/lease.ts";
import type { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import type { Counters } from "./counters.ts";
import { knowledgeOf } from "./invariants/leases.ts";
import { GRACE_MS, TTL_MS } from "./times.ts";

/** Counts which rules of docs/leases.md the wallet had to apply: what a run never reached it proves nothing about. */
export class Sightings {
  readonly #books: MemoryBooks;
  readonly #counters: Counters;

  constructor(books: MemoryBooks, counters: Counters) {
    this.#books = books;
    this.#counters = counters;
  }

  /** A Hello, before the wallet takes it. Gives what to call with its answer. */
  hello({ gatewayId, startId, isIntact, leaseIds }: HelloEffect): (result: HelloResult) => void {
    const wasKnown = this.#books.gateway(gatewayId)?.startId === startId;
    const earlier = this.#books.leasesOfGateway(gatewayId);
    return (result) => {
      if (result.type === "superseded") return this.#saw("stale start refused");
      if (wasKnown) return this.#saw("known start answered again");
      const after = earlier.flatMap(({ id }) => this.#books.lease(id) ?? []);
      this.#saw("leases of an intact journal that it does not name close", after.filter(({ state }) => isIntact && state === "closed").length);
      this.#saw("leases of an intact journal that it names stay", after.filter(({ id, state }) => isIntact && leaseIds.includes(id) && state !== "closed").length);
      this.#saw("leases of a lost journal go to suspense for good", after.filter(({ isLost }) => !isIntact && isLost).length);
    };
  }

  granted({ accountId, ttlMs, state }: Grant): void {
    this.#saw(`lease hangs on ${accountId.replace(/_.*/, "")}`);
    if (ttlMs < TTL_MS) this.#saw("lease ends with a period");
    if (state === "closed") this.#saw("grant answered again when its lease was closed");
  }

  /** A settlement, before the wallet takes it. Gives what to call afterwards. */
  settle({ leaseId, records, ceiling, finalCount, grantTimeMs }: Settlement, nowMs: number): () => void {
    const before = this.#books.lease(leaseId);
    if (records.length === 0 && ceiling === undefined && finalCount === undefined) this.#saw("lease kept alive");
    if (ceiling !== undefined && finalCount === undefined) this.#saw("ceiling gives back what open records do not need");
    if (this.#hasPeriodEnded(grantTimeMs, nowMs) && records.length > 0) this.#saw("charged to the period of the grant");
    return () => {
      const after = this.#books.lease(leaseId);
      if (before !== undefined && after !== undefined) this.#settled(before, after, records);
    };
  }

  #settled(before: Lease, after: Lease, records: Settlement["records"]): void {
    for (const { number, isIndeterminate } of records) {
      const [was, is] = [knowledgeOf(before, number), knowledgeOf(after, number)];
      if (was === "nothing" && isIndeterminate) this.#saw("intent without an actual charged at its worst case");
      if (was === "nothing" && before.state === "suspense") this.#saw(before.isLost ? "record drawn from a lost lease" : "record drawn from suspense");
      if (was === "nothing" && before.state === "closed") this.#saw("record came after its lease was closed");
      if (was === "indeterminate" && is === "actual") this.#saw("actual replaced an indeterminate");
      if (was === "actual" && isIndeterminate) this.#saw("an actual outlives an indeterminate");
      if (was !== "nothing" && was === is) this.#saw("record that came again was ignored");
    }
    if (after.advance.some(({ unit, value }) => value < valueOf(before.advance, unit))) this.#saw("an operator's advance drawn down");
    if (after.overrun.some(({ unit, value }) => value > valueOf(before.overrun, unit))) this.#saw("charged beyond the worst case");
    if (before.isLost && before.state === "suspense" && after.state === "suspense" && after.finalCount === undefined) this.#saw("final of a lost lease releases nothing");
    if (before.state !== "closed" && after.state === "closed") this.#saw("lease closed by its final");
    if (after.state === "open" && after.expireTimeMs > after.createTimeMs + 2 * (TTL_MS + GRACE_MS)) this.#saw("stream longer than the ttl stays out of suspense");
  }

  #hasPeriodEnded(grantTimeMs: number, nowMs: number): boolean {
    const day = (atMs: number): number => this.#books.calendar("Europe/Zurich", atMs).day.startMs;
    return day(grantTimeMs) !== day(nowMs);
  }

  #saw(name: string, times = 1): void {
    if (times > 0) this.#counters.count(`rule: ${name}`, times);
  }
}
