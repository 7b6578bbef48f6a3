/** How long a lease may be spent from, by the protocol's defaults. */
export const TTL_MS = 30_000;
/** How long after that it turns to suspense, unless something is heard of it. */
export const GRACE_MS = 15_000;
