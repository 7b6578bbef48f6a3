import type { AccountAmounts, AccountPath, ReserveResponse, WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { Client } from "@alfred/rpc";
import type { Charge } from "../domain/charge.ts";
import type { Admission, Considered, ConsideredRequest } from "../domain/money-port.ts";
import { BUDGET_REASONS } from "../leases/lease-input.ts";
import type { LeaseDriver } from "./lease-driver.ts";
import { type Tried, tryAll } from "./tries.ts";
import { amountsOf, durationOf, remainingOf } from "./wire.ts";

interface ConsiderationsParts {
  readonly driver: LeaseDriver;
  readonly wallet: Client<typeof WalletServiceService>;
  /** How long a hold would be kept, and how long the wallet is waited for, in milliseconds. */
  readonly holdTtlMs: number;
  readonly reserveTimeoutMs: number;
  /** @throws AlfredError UNAVAILABLE where nothing would be admitted */
  readonly requireLive: () => void;
}

/** What one charge would be told. */
type Said = Pick<Considered, "by" | "denial" | "remainingNanos" | "warnings">;

/** What the wallet says of itself and not of the budget. */
const PASSING = new Set(["UNAVAILABLE", "OVERLOADED", "CANCELLED"]);

/** Says what would become of requests for money, by the same tries as those that are meant, and takes nothing. */
export class Considerations {
  readonly #parts: ConsiderationsParts;

  constructor(parts: ConsiderationsParts) {
    this.#parts = parts;
  }

  /** @throws AlfredError as `MoneyPort.consider` */
  async consider(request: ConsideredRequest): Promise<Considered> {
    this.#parts.requireLive();
    let last: Considered | undefined;
    await tryAll(request, async (charge, _name, isClamped): Promise<Tried> => {
      const said = await this.#say(request, charge);
      last = { ...said, charge, isClamped };
      return said.denial === undefined ? { admission: admissionOf(last, request.path) } : { denial: said.denial };
    });
    if (last === undefined) throw new Error("nothing was asked for");
    return last;
  }

  async #say({ path, signal }: ConsideredRequest, charge: Charge): Promise<Said> {
    const { core: { survey }, nowMs } = this.#parts.driver;
    const covered = survey.covered({ path, worst: charge }, nowMs);
    if (covered !== undefined) return { by: "lease", denial: undefined, remainingNanos: covered.remaining.nanos, warnings: covered.warnings };
    try {
      const { remaining, warnings } = await this.#ask(path, charge, signal);
      return { by: "wallet", denial: undefined, remainingNanos: remainingOf(remaining).nanos, warnings };
    } catch (error) {
      if (!(error instanceof AlfredError) || !BUDGET_REASONS.has(error.code)) throw presentable(error);
      return { by: "wallet", denial: error, remainingNanos: undefined, warnings: [] };
    }
  }

  #ask(path: AccountPath, charge: Charge, signal: AbortSignal): Promise<ReserveResponse> {
    const { driver, wallet, holdTtlMs, reserveTimeoutMs: timeoutMs } = this.#parts;
    // What this gateway has on lease and nobody took would go back before a request were denied.
    const returned = [...driver.core.survey.unspentAlong(path)].map(([accountId, free]): AccountAmounts => ({ accountId, amounts: amountsOf(free) }));
    const request = { requestId: newId("req"), path, amounts: amountsOf(charge), ttl: durationOf(holdTtlMs), fingerprint: "", gatewayId: "", incarnation: 0n };
    return wallet.reserve({ ...request, validateOnly: true, returned }, { timeoutMs, signal });
  }
}

/** As a hold would look that is none. */
function admissionOf({ charge: held, isClamped, remainingNanos, warnings }: Considered, { organisationId }: AccountPath): Admission {
  return { id: "", organisationId, repetition: 0, held, isClamped, remainingNanos, warnings };
}

function presentable(error: unknown): unknown {
  if (error instanceof AlfredError && PASSING.has(error.code)) return error;
  return fail("UNAVAILABLE", "The wallet did not say whether it would grant this.", { cause: error });
}
