import { setTimeout as pause } from "node:timers/promises";
import type { AcquireLeaseResponse, WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { AcquireEffect } from "../leases/effect.ts";
import type { Denial, Grant } from "../leases/lease-input.ts";
import { chargeOf, demandsOf, durationOf, millisecondsOf, remainingOf, standingOf } from "./wire.ts";

/** What the wallet said to an acquire; "unanswered" where nobody knows. */
interface AcquireAnswers {
  granted(acquireId: string, grant: Grant): void;
  denied(acquireId: string, denial: Denial): void;
  unanswered(acquireId: string): void;
  /** Another start of this gateway has its name. */
  superseded(): void;
}

export interface AcquireCallsParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly log: Logger;
  readonly answers: AcquireAnswers;
}

/** How long the wallet may take beside what it is told to wait, in milliseconds. */
const MARGIN_MS = 2_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const DENIALS = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);
/** What says nothing of what became of the acquire. */
const UNDECIDED = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED", "CANCELLED", "INTERNAL"]);

/** Asks the wallet for credit. A call that was not answered is said to be so after a pause that grows with such calls. */
export class AcquireCalls implements Disposable {
  readonly #parts: AcquireCallsParts;
  readonly #stop = new AbortController();
  #failures = 0;

  constructor(parts: AcquireCallsParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async ask(effect: AcquireEffect): Promise<void> {
    const { acquireId } = effect;
    const { answers, log } = this.#parts;
    try {
      const answer = await this.#call(effect);
      this.#failures = 0;
      const grant = grantOf(answer);
      if (!this.#stop.signal.aborted) answers.granted(acquireId, grant);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const said = error instanceof AlfredError ? error : fail("INTERNAL", "The wallet could not be asked.", { cause: error });
      if (DENIALS.has(said.code)) return answers.denied(acquireId, denialOf(said));
      if (said.code === "GATEWAY_SUPERSEDED") return answers.superseded();
      log.warn({ err: error, acquire_id: acquireId }, "the wallet did not answer for credit");
      if (!UNDECIDED.has(said.code)) return answers.denied(acquireId, OUR_FAULT);
      await this.#rest();
      if (!this.#stop.signal.aborted) answers.unanswered(acquireId);
    }
  }

  #call({ acquireId: requestId, gatewayId, incarnation, path, wanted, minimum, waitMs }: AcquireEffect): Promise<AcquireLeaseResponse> {
    const request = { requestId, gatewayId, incarnation, path, demands: demandsOf(wanted, minimum), wait: durationOf(waitMs) };
    return this.#parts.wallet.acquireLease(request, { timeoutMs: waitMs + MARGIN_MS, signal: this.#stop.signal });
  }

  async #rest(): Promise<void> {
    const fullMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    const pauseMs = fullMs / 2 + (Math.random() * fullMs) / 2;
    await pause(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** What is wrong between the gateway and the wallet is no fault of the client's. */
const OUR_FAULT: Denial = { reason: "INTERNAL", message: "The wallet could not be asked.", metadata: {} };

function denialOf({ code, message, metadata }: AlfredError): Denial {
  return { reason: code, message, metadata };
}

function grantOf({ lease, ttl, remaining, warnings, limitsRevision }: AcquireLeaseResponse): Grant {
  if (lease === undefined) throw fail("INTERNAL", "The wallet granted without a lease.");
  return {
    leaseId: lease.id,
    organisationId: lease.organisationId,
    accountId: lease.accountId,
    state: standingOf(lease.state),
    isRecalled: lease.recalled,
    grantTimeMs: lease.createTime?.getTime() ?? 0,
    ttlMs: millisecondsOf(ttl),
    credit: chargeOf(lease.credit),
    remaining: remainingOf(remaining),
    warnings,
    limitsRevision,
  };
}
