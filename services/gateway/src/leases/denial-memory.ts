import type { AccountPath } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import { BUDGET_REASONS, type Denial } from "./lease-input.ts";

/** Accounts that are remembered at most, over all organisations; past it nothing more is. */
const MAX_ACCOUNTS = 10_000;
/** How long a release is kept, to be compared with denials that were under way; longer than an acquire takes. */
const RELEASE_LIFE_MS = 10_000;

/** The unit of a charge that a denial is about. */
export function deniedUnit({ metadata }: Denial): keyof Charge {
  return metadata["unit"] === "tokens" ? "tokens" : "nanos";
}

interface Denied {
  /** The least that was denied. */
  readonly amount: bigint;
  readonly untilMs: number;
  readonly denial: Denial;
}

interface AccountDenials {
  nanos?: Denied;
  tokens?: Denied;
}

/** What was denied lately, so that a spent budget costs one acquire a second and not one per request. */
export class DenialMemory {
  readonly #lifeMs: number;
  /** By organisation and account. */
  readonly #organisations = new Map<string, Map<string, AccountDenials>>();
  /** When money last came back to an account, by its name. */
  readonly #releases = new Map<string, number>();
  #size = 0;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** The denial that answers such a request, if one does. */
  find({ organisationId, accounts }: AccountPath, worst: Charge, nowMs: number): Denial | undefined {
    const denied = this.#organisations.get(organisationId);
    if (denied === undefined) return undefined;
    for (const { id } of accounts) {
      const found = denied.get(id);
      if (answers(found?.nanos, worst.nanos, nowMs)) return found?.nanos?.denial;
      if (answers(found?.tokens, worst.tokens, nowMs)) return found?.tokens?.denial;
    }
    return undefined;
  }

  /**
   * An acquire of at least `minimum` that was sent at `askedMs` was denied. Where money came back since, the denial may not
   * know of it, and answers nobody else.
   */
  remember(organisationId: string, minimum: Charge, denial: Denial, nowMs: number, askedMs: number): void {
    const accountId = denial.metadata["account"];
    if (accountId === undefined || !BUDGET_REASONS.has(denial.reason)) return;
    if ((this.#releases.get(nameOf(organisationId, accountId)) ?? Number.NEGATIVE_INFINITY) >= askedMs) return;
    const denials = this.#denialsOf(organisationId, accountId);
    if (denials === undefined) return;
    const unit = deniedUnit(denial);
    const amount = minimum[unit];
    if (answers(denials[unit], amount, nowMs)) return;
    denials[unit] = { amount, untilMs: nowMs + this.#lifeMs, denial };
  }

  /** Limits changed. */
  forget(organisationId: string): void {
    this.#size -= this.#organisations.get(organisationId)?.size ?? 0;
    this.#organisations.delete(organisationId);
  }

  /** Money came back to every account of the path. */
  release({ organisationId, accounts }: AccountPath, nowMs: number): void {
    for (const { id } of accounts) {
      this.#drop(organisationId, id);
      const name = nameOf(organisationId, id);
      if (this.#releases.size < MAX_ACCOUNTS || this.#releases.has(name)) this.#releases.set(name, nowMs);
    }
  }

  /** Forgets what is over. */
  prune(nowMs: number): void {
    for (const [name, releasedMs] of this.#releases) if (releasedMs + RELEASE_LIFE_MS <= nowMs) this.#releases.delete(name);
    for (const [organisationId, denied] of this.#organisations) {
      for (const [accountId, { nanos, tokens }] of denied) {
        const untilMs = Math.max(nanos?.untilMs ?? 0, tokens?.untilMs ?? 0);
        if (untilMs <= nowMs) this.#drop(organisationId, accountId);
      }
    }
  }

  #drop(organisationId: string, accountId: string): void {
    const denied = this.#organisations.get(organisationId);
    if (denied?.delete(accountId) !== true) return;
    this.#size -= 1;
    if (denied.size === 0) this.#organisations.delete(organisationId);
  }

  #denialsOf(organisationId: string, accountId: string): AccountDenials | undefined {
    const denied = this.#organisations.get(organisationId) ?? new Map<string, AccountDenials>();
    const known = denied.get(accountId);
    if (known !== undefined) return known;
    if (this.#size >= MAX_ACCOUNTS) return undefined;
    const created: AccountDenials = {};
    denied.set(accountId, created);
    this.#organisations.set(organisationId, denied);
    this.#size += 1;
    return created;
  }
}

function answers(denied: Denied | undefined, amount: bigint, nowMs: number): boolean {
  return denied !== undefined && nowMs < denied.untilMs && amount >= denied.amount;
}

function nameOf(organisationId: string, accountId: string): string {
  return `${organisationId} ${accountId}`;
}
