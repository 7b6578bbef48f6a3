import { counter, gauge, histogram } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";
import type { BatchMetrics } from "./batch-executor.ts";
import type { Amount } from "./domain/amount.ts";
import type { ReservationCounter } from "./domain/ports.ts";

/** What the wallet counts. */
export interface WalletMetrics extends BatchMetrics, ReservationCounter {
  held(amounts: readonly Amount[]): void;
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
  const size = histogram({ registry, name: "alfred_wallet_batch_operations", help: "Operations per transaction.", buckets: BATCH_SIZES });
  const duration = histogram({ registry, name: "alfred_wallet_batch_duration_seconds", help: "Time per transaction, retries included." });
  const queued = gauge({ registry, name: "alfred_wallet_queue_operations", help: "Operations that wait for a batch." });
  const held = gauge({ registry, name: "alfred_wallet_held", help: "Held by open reservations, in the unit's smallest part.", labels: ["unit"] });
  return {
    reserved: (result) => reservations.inc({ result }),
    queueDepth: (operations) => queued.set(operations),
    held: (amounts) => {
      for (const { unit, value } of amounts) held.set({ unit }, Number(value));
    },
    batchDone: (operations, durationMs) => {
      size.observe(operations);
      duration.observe(durationMs / 1_000);
    },
  };
}
