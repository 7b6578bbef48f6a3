import type { JournalEntry } from "../../services/gateway/src/leases/journal-entry.ts";
import type { LocalClock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Link } from "./network.ts";

/** What a gateway runs on. A new one for each start of the machine, since its boot id changes with it. */
export interface Machine {
  readonly bootId: string;
  readonly clock: LocalClock;
  readonly link: Link;
  readonly disk: Disk<JournalEntry>;
  /** Whether its gateway puts each admission on disk before it counts. */
  readonly isAlwaysSynced: boolean;
}
