/** Something in the books that does not add up. */
export interface LedgerFault {
  /** The invariant of docs/leases.md that does not hold, or "numbering". */
  readonly invariant: string;
  readonly organisationId: string;
  /** Empty where it is not about one. */
  readonly accountId: string;
  /** Empty where it is not about one. */
  readonly leaseId: string;
  /** What was found and what was expected. */
  readonly message: string;
}

/** What was checked, and what does not add up. */
export interface LedgerReport {
  readonly faults: readonly LedgerFault[];
  readonly accounts: bigint;
  readonly leases: bigint;
  readonly transfers: bigint;
}

/** Checks the books as they are stored. */
export interface LedgerVerifier {
  /**
   * Checks one organisation, or all where none is named. Stops at 1,000 faults, and with the signal between two
   * organisations.
   * @throws AlfredError CANCELLED by the signal, DEADLINE_EXCEEDED, UNAVAILABLE where the database failed
   */
  verify(organisationId: string | undefined, signal: AbortSignal): Promise<LedgerReport>;
}
