import type { AcquireEffect, Effect, SettleEffect } from "../../services/gateway/src/leases/effect.ts";
import type { Denial, Grant, HeldReservation } from "../../services/gateway/src/leases/lease-input.ts";
import type { AcquireAnswer, ReserveAnswer, ReserveMessage, SettleAnswer } from "./messages.ts";
import type { ProcessParts } from "./process-parts.ts";

/** How much longer than it may wait a call may take. */
const CALL_MS = 3_000;

/**
 * The calls of one process. An answer reaches the core whenever it comes, even twice or after the call was given up:
 * more than gRPC would do, and nothing that the core may trip over.
 */
export class WalletCalls {
  readonly #parts: ProcessParts;
  readonly #reserving = new Set<string>();

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  /** Reservations without an answer. */
  get openReservations(): number {
    return this.#reserving.size;
  }

  acquire(message: AcquireEffect): void {
    const { core, nowMs, promises, world } = this.#parts;
    const { acquireId, waitMs } = message;
    promises.sent(acquireId, nowMs());
    this.#call<AcquireAnswer>(waitMs + CALL_MS, {
      send: (answer) => world.wallet.acquire(message, answer),
      answered: (answer) => {
        if (answer.type === "granted") return this.#granted(acquireId, answer.grant);
        return answer.type === "denied" ? this.#denied(message, answer.denial) : core.unanswered(acquireId, nowMs());
      },
      lost: () => core.unanswered(acquireId, nowMs()),
    });
  }

  settle(message: SettleEffect): void {
    const { core, nowMs, world } = this.#parts;
    const { batchId } = message;
    world.wallet.underWay.sent(message);
    this.#call<SettleAnswer>(CALL_MS, {
      send: (answer) => world.wallet.settle(message, answer),
      answered: (answer) => (answer.type === "settled" ? core.settled(batchId, answer.results, nowMs()) : core.unsettled(batchId, nowMs())),
      lost: () => core.unsettled(batchId, nowMs()),
    });
  }

  /** Asks once: where no answer comes, nobody knows whether there is a reservation, and the next start of the gateway sees to it. */
  reserve(message: ReserveMessage, reserved: (reservation: HeldReservation) => readonly Effect[]): void {
    const { world, core, nowMs } = this.#parts;
    const giveUp = (): readonly Effect[] => {
      if (this.#reserving.delete(message.requestId)) world.counters.count("fault: reservation not answered");
      return [];
    };
    this.#reserving.add(message.requestId);
    this.#call<ReserveAnswer>(CALL_MS, {
      send: (answer) => world.wallet.reserve(message, answer),
      answered: (answer) => {
        if (answer.type === "unavailable") return giveUp();
        if (!this.#reserving.delete(message.requestId)) return [];
        if (answer.type === "reserved") return reserved(answer.reservation);
        return answer.denial.reason === "GATEWAY_SUPERSEDED" ? core.superseded("", nowMs()) : [];
      },
      lost: giveUp,
    });
  }

  #granted(acquireId: string, grant: Grant): readonly Effect[] {
    const { core, nowMs, promises } = this.#parts;
    promises.granted(acquireId, grant.leaseId, { ttlMs: grant.ttlMs, nowMs: nowMs() });
    return core.granted(acquireId, grant, nowMs());
  }

  #denied({ acquireId, minimum }: AcquireEffect, denial: Denial): readonly Effect[] {
    const { core, nowMs, promises } = this.#parts;
    if (denial.reason === "GATEWAY_SUPERSEDED") return core.superseded("", nowMs());
    promises.denied(denial, minimum, nowMs());
    return core.denied(acquireId, denial, nowMs());
  }

  #call<A>(timeoutMs: number, call: { send: (answer: (answer: A) => void) => void; answered: (answer: A) => readonly Effect[]; lost: () => readonly Effect[] }): void {
    const { link, soon, world } = this.#parts;
    let isAnswered = false;
    const hear = (answer: A): void => {
      soon(() => {
        isAnswered = true;
        return call.answered(answer);
      });
    };
    link.send("to-wallet", () => call.send((answer) => link.send("to-gateway", () => hear(answer))));
    world.agenda.after(timeoutMs, () => soon(() => (isAnswered ? [] : call.lost())));
  }
}
