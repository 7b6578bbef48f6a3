import type { Agenda } from "./agenda.ts";
import type { Counters } from "./counters.ts";
import type { SimWallet } from "./wallet.ts";
import type { Tally } from "./tally.ts";
import type { Trace } from "./trace.ts";
import type { Auditor } from "./auditor.ts";

/** What all parts of one run share. */
export interface Surroundings {
  readonly seed: number;
  readonly agenda: Agenda;
  readonly counters: Counters;
  readonly trace: Trace;
  readonly tally: Tally;
  readonly auditor: Auditor;
  readonly wallet: SimWallet;
}
