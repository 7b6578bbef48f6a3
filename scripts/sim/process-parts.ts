import type { Effect } from "../../services/gateway/src/leases/effect.ts";
import type { LeaseCore } from "../../services/gateway/src/leases/lease-core.ts";
import type { Promises } from "./invariants/promises.ts";
import type { Link } from "./network.ts";
import type { Random } from "./random.ts";
import type { Surroundings } from "./surroundings.ts";

/** What all parts of one process share. */
export interface ProcessParts {
  readonly name: string;
  readonly world: Surroundings;
  readonly link: Link;
  readonly random: Random;
  readonly core: LeaseCore;
  readonly promises: Promises;
  /** The clock of its machine. */
  readonly nowMs: () => number;
  /** Does something and carries out its effects: now, or once a frozen process goes on, and never where it is over. */
  readonly soon: (call: () => readonly Effect[]) => void;
}
