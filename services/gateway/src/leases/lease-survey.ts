import type { AccountPath } from "@alfred/contracts";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { plus } from "./charge-sums.ts";
import type { HangMap } from "./hang-map.ts";
import type { AdmitRequest } from "./lease-input.ts";
import type { Covered } from "./lease-pool.ts";
import type { OwnLeases } from "./own-leases.ts";

/** What leases there are, for who only looks: nothing here takes of them. */
export class LeaseSurvey {
  readonly #leases: OwnLeases;
  readonly #hangs: HangMap;
  readonly #isOpen: () => boolean;

  /** @param isOpen whether requests are admitted */
  constructor(leases: OwnLeases, hangs: HangMap, isOpen: () => boolean) {
    this.#leases = leases;
    this.#hangs = hangs;
    this.#isOpen = isOpen;
  }

  /** Whether a lease under that account goes back, and the wallet has not said that it knows. */
  isGivingBack(organisationId: string, accountId: string): boolean {
    for (const { isClosing, isDirty, isInFlight, terms: { path } } of this.#leases.all) {
      const isUnder = path?.organisationId === organisationId && path.accounts.some(({ id }) => id === accountId);
      if (isClosing && isUnder && (isDirty || isInFlight)) return true;
    }
    return false;
  }

  /** What a request would be told that a lease covers now; undefined where none does. */
  covered({ path, worst }: Pick<AdmitRequest, "path" | "worst">, nowMs: number): Covered | undefined {
    return this.#isOpen() ? this.#hangs.poolFor(path).covered(path, worst, nowMs) : undefined;
  }

  /** By account of a path: credit on lease there, or below, that no request has taken, and that could go back at once. */
  unspentAlong({ organisationId, accounts }: AccountPath): ReadonlyMap<string, Charge> {
    const unspent = new Map<string, Charge>();
    for (const { isClosing, free, pool, terms: { path } } of this.#leases.all) {
      if (isClosing || pool === undefined || path?.organisationId !== organisationId) continue;
      const above = path.accounts.slice(path.accounts.findIndex(({ id }) => id === pool.accountId));
      for (const { id } of above) if (accounts.some((account) => account.id === id)) unspent.set(id, plus(unspent.get(id) ?? NO_CHARGE, free));
    }
    return unspent;
  }
}
