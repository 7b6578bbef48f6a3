import { counter, gauge, histogram } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";
import type { BatchMetrics } from "./batch-executor.ts";
import type { Amount } from "./domain/amount.ts";
import type { LeaseTotals } from "./domain/lease-totals.ts";
import type { ReservationCounter } from "./domain/ports.ts";
import type { Transfer } from "./domain/transfer.ts";

/** What the wallet counts. */
export interface WalletMetrics extends BatchMetrics, ReservationCounter, LeaseMetrics {}

/** What is counted of leases. */
interface LeaseMetrics {
  /** What an acquire came to: "granted", "replayed", or the reason why not in lower case. */
  acquired(result: string): void;
  /** How many acquires wait for money that others hold. */
  acquiresWaiting(acquires: number): void;
  /** Leases that were asked back. */
  recalled(leases: number): void;
  /** Leases and reservations that turned to suspense. */
  expired(leases: number): void;
  /** Soft limits that spending passed. */
  softLimitsPassed(limits: number): void;
  /** Transfers that were committed: what they hold, and what of it came back unspent. */
  moved(transfers: readonly Transfer[]): void;
  /** What all organisations hold together. */
  totals(totals: LeaseTotals): void;
}

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** Registers the wallet's metrics. */
export function createWalletMetrics(registry: MetricRegistry): WalletMetrics {
  const reservations = counter({
    registry,
    name: "alfred_wallet_reservations_total",
    help: "Reservations by result: granted, replayed, or the reason of the refusal.",
    labels: ["result"],
  });
  return {
    ...batchMetrics(registry),
    ...leaseCounters(registry),
    ...heldCounters(registry),
    ...totalGauges(registry),
    reserved: (result) => reservations.inc({ result }),
  };
}

function batchMetrics(registry: MetricRegistry): BatchMetrics {
  const size = histogram({ registry, name: "alfred_wallet_batch_operations", help: "Operations per transaction.", buckets: BATCH_SIZES });
  const duration = histogram({ registry, name: "alfred_wallet_batch_duration_seconds", help: "Time per transaction, retries included." });
  const queued = gauge({ registry, name: "alfred_wallet_queue_operations", help: "Operations that wait for a batch." });
  return {
    queueDepth: (operations) => queued.set(operations),
    batchDone: (operations, durationMs) => {
      size.observe(operations);
      duration.observe(durationMs / 1_000);
    },
  };
}

function leaseCounters(registry: MetricRegistry): Omit<LeaseMetrics, "moved" | "totals"> {
  const acquires = counter({
    registry,
    name: "alfred_wallet_acquires_total",
    help: "Acquires of leases by result: granted, replayed, or the reason of the refusal.",
    labels: ["result"],
  });
  const waiting = gauge({ registry, name: "alfred_wallet_acquires_waiting", help: "Acquires that wait for money that others hold." });
  const recalls = counter({ registry, name: "alfred_wallet_recalls_total", help: "Leases that were asked back." });
  const expired = counter({ registry, name: "alfred_wallet_expired_total", help: "Leases and reservations that expired, and so turned to suspense." });
  const passed = counter({ registry, name: "alfred_wallet_soft_limits_passed_total", help: "Soft limits that spending passed." });
  return {
    acquired: (result) => acquires.inc({ result }),
    acquiresWaiting: (count) => waiting.set(count),
    recalled: (leases) => recalls.inc(leases),
    expired: (leases) => expired.inc(leases),
    softLimitsPassed: (limits) => passed.inc(limits),
  };
}

/** Of what is held, the share that comes back unspent: how much larger worst cases are than costs. */
function heldCounters(registry: MetricRegistry): Pick<LeaseMetrics, "moved"> {
  const labels = ["unit"];
  const granted = counter({ registry, name: "alfred_wallet_granted_total", help: "Held by grants and reservations, in the unit's smallest part.", labels });
  const returned = counter({ registry, name: "alfred_wallet_returned_total", help: "Of what was held, what came back unspent.", labels });
  return {
    moved: (transfers) => {
      for (const { unit, value } of transfers.flatMap(heldBy)) granted.inc({ unit }, Number(value));
      for (const { unit, value } of transfers.flatMap(returnedBy)) returned.inc({ unit }, Number(value));
    },
  };
}

function heldBy({ entries }: Transfer): Amount[] {
  return entries.filter(({ bucket, value }) => bucket === "held" && value > 0n);
}

/** What left held or suspense in a transfer without being posted by it. */
function returnedBy({ entries }: Transfer): Amount[] {
  const rest = new Map<Amount["unit"], bigint>();
  for (const { bucket, unit, value } of entries) {
    if (bucket === "available" && value > 0n) rest.set(unit, (rest.get(unit) ?? 0n) + value);
    if (bucket === "posted" && value > 0n) rest.set(unit, (rest.get(unit) ?? 0n) - value);
  }
  return [...rest].filter(([, value]) => value > 0n).map(([unit, value]) => ({ unit, value }));
}

function totalGauges(registry: MetricRegistry): Pick<LeaseMetrics, "totals"> {
  const amounts = (name: string, help: string): ((amounts: readonly Amount[]) => void) => {
    const metric = gauge({ registry, name, help: `${help}, in the unit's smallest part.`, labels: ["unit"] });
    return (values) => {
      for (const { unit, value } of values) metric.set({ unit }, Number(value));
    };
  };
  const held = amounts("alfred_wallet_held", "Held by open leases and reservations");
  const suspense = amounts("alfred_wallet_suspense", "Held by leases and reservations whose fate is unknown");
  const overrun = amounts("alfred_wallet_overrun", "Posted beyond what was held, of all time");
  const leases = gauge({ registry, name: "alfred_wallet_leases", help: "Leases and reservations that are not closed.", labels: ["state"] });
  const oldest = gauge({ registry, name: "alfred_wallet_oldest_open_lease_seconds", help: "Age of the oldest open lease of a gateway." });
  return {
    totals: (totals) => {
      held(totals.held);
      suspense(totals.suspense);
      overrun(totals.overrun);
      leases.set({ state: "open" }, totals.open);
      leases.set({ state: "suspense" }, totals.inSuspense);
      oldest.set(totals.oldestOpenMs / 1_000);
    },
  };
}
