import { gauge, type MetricRegistry } from "@alfred/telemetry";
import type { MoneyFigures } from "./money-parts.ts";

const NANOS_PER_USD = 1e9;

/** Registers what is to be seen of leases and journal; looked at when somebody asks for it. */
export function gaugeMoney(registry: MetricRegistry, figures: () => MoneyFigures, now: () => number): void {
  const show = (name: string, help: string, valueOf: (figures: MoneyFigures) => number): void => {
    const shown = gauge({ registry, name, help });
    // prom-client calls a metric's `collect` before it reads its value.
    Object.assign(shown, { collect: () => shown.set(valueOf(figures())) });
  };
  show("alfred_gateway_journal_bytes", "What a restart would have to read of the journal.", ({ journalBytes }) => journalBytes);
  show("alfred_gateway_journal_records", "Admissions in the journal that wallet or metering have not acknowledged.", ({ journaledRecords }) => journaledRecords);
  show("alfred_gateway_leases", "Leases that may be spent from.", ({ openLeases }) => openLeases);
  show("alfred_gateway_lease_unspent_usd", "Credit held that no request has taken, in dollars.", ({ unspentNanos }) => usd(unspentNanos));
  show("alfred_gateway_lease_oldest_seconds", "Age of the oldest lease that is not closed.", ({ oldestGrantTimeMs }) => secondsSince(oldestGrantTimeMs, now()));
  show("alfred_gateway_credit_waiting", "Requests that wait for credit.", ({ waiting }) => waiting);
  show("alfred_gateway_lease_credit_usd_total", "Credit of all leases closed since the start, in dollars.", ({ closedCreditNanos }) => usd(closedCreditNanos));
  show("alfred_gateway_lease_spent_usd_total", "What of that credit was spent; the rest was given back.", ({ closedSpentNanos }) => usd(closedSpentNanos));
  show("alfred_gateway_halted", "1 where nothing is admitted any more: the journal failed, or another start took over.", ({ halted }) => (halted === undefined ? 0 : 1));
  labelled(registry, figures);
}

function labelled(registry: MetricRegistry, figures: () => MoneyFigures): void {
  const admitted = gauge({ registry, name: "alfred_gateway_admissions_total", help: "Requests that asked for credit: decided from memory, or with a call of the wallet first.", labels: ["by"] });
  const denied = gauge({ registry, name: "alfred_gateway_denials_total", help: "Requests denied for want of budget, by reason.", labels: ["reason"] });
  Object.assign(admitted, {
    collect: () => {
      const { fromMemory, withCall } = figures();
      admitted.set({ by: "memory" }, fromMemory);
      admitted.set({ by: "wallet" }, withCall);
    },
  });
  Object.assign(denied, {
    collect: () => {
      for (const [reason, count] of figures().denials) denied.set({ reason }, count);
    },
  });
}

function usd(nanos: bigint): number {
  return Number(nanos) / NANOS_PER_USD;
}

function secondsSince(timeMs: number | undefined, nowMs: number): number {
  return timeMs === undefined ? 0 : Math.max(0, (nowMs - timeMs) / 1_000);
}
