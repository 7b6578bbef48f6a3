const SLOT_MS = 10_000;

/** The step of ten seconds that a moment lies in: what leases are found by when they expire. */
export function expirySlot(epochMs: number): number {
  return Math.floor(epochMs / SLOT_MS);
}
