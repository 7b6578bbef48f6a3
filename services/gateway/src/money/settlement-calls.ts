import type { SettleUsageResponse, WalletServiceService } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { SettleEffect } from "../leases/effect.ts";
import type { SettledLease } from "../leases/lease-input.ts";
import { remainingOf, standingOf, writeSettlement } from "./wire.ts";

/** What became of a batch. */
interface SettlementAnswers {
  settled(batchId: number, results: readonly SettledLease[]): void;
  unsettled(batchId: number): void;
}

export interface SettlementCallsParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly log: Logger;
  readonly answers: SettlementAnswers;
}

const TIMEOUT_MS = 5_000;

/** Tells the wallet what became of credit. What was not acknowledged the core sends again, when and for as long as it takes. */
export class SettlementCalls implements Disposable {
  readonly #parts: SettlementCallsParts;
  readonly #stop = new AbortController();
  #failures = 0;

  constructor(parts: SettlementCallsParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async send(effect: SettleEffect): Promise<void> {
    const { batchId } = effect;
    const { answers, log } = this.#parts;
    try {
      const { leases } = await this.#call(effect);
      this.#failures = 0;
      if (!this.#stop.signal.aborted) answers.settled(batchId, leases.map(readSettled));
    } catch (err) {
      if (this.#stop.signal.aborted) return;
      const level = this.#failures % 20 === 0 ? "warn" : "debug";
      log[level]({ err, batch: batchId, settlements: effect.settlements.length }, "settlements wait for the wallet and are sent again");
      this.#failures += 1;
      answers.unsettled(batchId);
    }
  }

  #call({ gatewayId, incarnation, settlements }: SettleEffect): Promise<SettleUsageResponse> {
    const request = { gatewayId, incarnation, settlements: settlements.map(writeSettlement) };
    return this.#parts.wallet.settleUsage(request, { timeoutMs: TIMEOUT_MS, signal: this.#stop.signal });
  }
}

function readSettled({ leaseId, state, remaining, warnings }: SettleUsageResponse["leases"][number]): SettledLease {
  return { leaseId, state: standingOf(state), remaining: remainingOf(remaining), warnings };
}
