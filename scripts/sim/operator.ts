import type { Lease } from "../../services/wallet/src/domain/lease.ts";
import { heldOf } from "../../services/wallet/src/domain/lease.ts";
import type { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import { TREE } from "./accounts.ts";
import type { Agenda } from "./agenda.ts";
import type { Counters } from "./counters.ts";
import { Random } from "./random.ts";
import type { Step } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import type { SimWallet } from "./wallet.ts";

interface Parts {
  readonly seed: number;
  readonly books: MemoryBooks;
  readonly wallet: SimWallet;
  readonly counters: Counters;
  readonly trace: Trace;
  readonly agenda: Agenda;
  /** Whether a process that may spend a lease still runs, as an operator who looks would know. */
  readonly isAlive: (lease: Lease) => boolean;
}

/** Who sets limits and closes leases by hand. */
export class Operator {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Limits at several levels, for several units and periods: others with each seed. */
  setFirstLimits(): void {
    const random = new Random(this.#parts.seed, "limits");
    for (const { id } of TREE) {
      if (random.chance(45)) this.#set(id, "usd", (["day", "month", "none"] as const)[random.below(3)] ?? "none", random.between(200, 5_000));
      if (random.chance(20)) this.#set(id, "tokens", (["day", "week", "none"] as const)[random.below(3)] ?? "none", random.between(200, 5_000));
    }
  }

  setLimit({ account, unit, period, hard, clamp }: Extract<Step, { type: "limit" }>): void {
    const accountId = TREE[account]?.id ?? "";
    const before = this.#parts.books.account(accountId)?.limits.find((limit) => limit.unit === unit && limit.period === period)?.hard;
    this.#parts.counters.count(`fault: limit ${changeOf(before, hard)}`);
    this.#parts.wallet.setLimit({ accountId, unit, period, hard: hard === undefined ? undefined : BigInt(hard), clamp: clamp && hard !== undefined });
  }

  /** Closes a lease as the rules allow, at a cost that is a guess: too low, right or too high. By force only what nobody spends any more. */
  close({ pick, costPercent, force }: Extract<Step, { type: "operator-close" }>): void {
    const { books, wallet, counters, trace, agenda, isAlive } = this.#parts;
    const leases = [...books.leases.values()].filter(({ state, gatewayId }) => state !== "closed" && gatewayId !== "");
    const suspended = leases.filter(({ state }) => state === "suspense");
    const candidates = suspended.length > 0 && !force ? suspended : leases;
    const lease = candidates[pick % Math.max(1, candidates.length)];
    if (lease === undefined || (force && isAlive(lease))) return;
    const cost = heldOf(lease).map(({ unit, value }) => ({ unit, value: (value * BigInt(costPercent)) / 100n }));
    const isClosed = wallet.closeLease(lease, cost, force);
    trace.note(agenda.nowMs, `operator closes ${lease.id} at ${costPercent} %: ${isClosed ? "done" : "refused"}`);
    counters.count(`rule: operator close ${isClosed ? (force ? "by force" : "taken") : "refused"}`);
  }

  #set(accountId: string, unit: "usd" | "tokens", period: "day" | "week" | "month" | "none", hard: number): void {
    this.#parts.wallet.setLimit({ accountId, unit, period, hard: BigInt(hard), clamp: false });
  }
}

function changeOf(before: bigint | undefined, hard: number | undefined): string {
  if (before === undefined) return hard === undefined ? "left off" : "added";
  if (hard === undefined) return "removed";
  return BigInt(hard) < before ? "lowered" : "raised";
}
