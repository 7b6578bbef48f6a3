import { ModelPrice } from "@alfred/contracts";
import { ANY_MODEL } from "@alfred/money";

/** What the source of these prices is called on the wire. */
const BUILT_IN_SOURCE = "built-in";

/**
 * Providers whose models run on the operator's own machines, so that nobody bills for them, whichever they are
 * (docs/decisions/0010-what-runs-at-home-is-free.md). A price file may say otherwise.
 */
export const SELF_HOSTED: readonly ModelPrice[] = [
  ModelPrice.create({ provider: "ollama", model: ANY_MODEL, free: true, source: BUILT_IN_SOURCE }),
];
