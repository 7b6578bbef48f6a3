import type { AcquireLeaseResponse, WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { AcquireEffect } from "../leases/effect.ts";
import { BUDGET_REASONS, type Denial, type Grant } from "../leases/lease-input.ts";
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
/** What says nothing of what became of the acquire. */
const UNDECIDED = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED", "CANCELLED", "INTERNAL"]);

/** Asks the wallet for credit. When to ask again what was not answered is the core's to say. */
export class AcquireCalls implements Disposable {
  readonly #parts: AcquireCallsParts;
  readonly #stop = new AbortController();

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
      const grant = grantOf(answer);
      if (!this.#stop.signal.aborted) answers.granted(acquireId, grant);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const said = error instanceof AlfredError ? error : fail("INTERNAL", "The wallet could not be asked.", { cause: error });
      if (BUDGET_REASONS.has(said.code)) return answers.denied(acquireId, denialOf(said));
      if (said.code === "GATEWAY_SUPERSEDED") return answers.superseded();
      log.warn({ err: error, acquire_id: acquireId }, "the wallet did not answer for credit");
      if (!UNDECIDED.has(said.code)) return answers.denied(acquireId, OUR_FAULT);
      answers.unanswered(acquireId);
    }
  }

  #call({ acquireId: requestId, gatewayId, incarnation, path, wanted, minimum, waitMs }: AcquireEffect): Promise<AcquireLeaseResponse> {
    const request = { requestId, gatewayId, incarnation, path, demands: demandsOf(wanted, minimum), wait: durationOf(waitMs) };
    return this.#parts.wallet.acquireLease(request, { timeoutMs: waitMs + MARGIN_MS, signal: this.#stop.signal });
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
