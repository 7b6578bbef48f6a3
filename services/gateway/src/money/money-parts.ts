import type { WalletServiceService } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { HaltReason } from "../leases/effect.ts";
import type { LeaseFigures } from "../leases/own-leases.ts";
import type { UsageQueue } from "../usage/usage-queue.ts";
import type { AdmissionCounts } from "./admissions.ts";
import type { ReservationsConfig } from "./reservations.ts";

/** Where the journal is, and how long is waited for money. */
export interface MoneyConfig extends ReservationsConfig {
  /** The journal's folder; the gateway's name lives in it. */
  readonly journalFolder: string;
  /** Whether an admission counts once the system has it, or once the disk has it. */
  readonly journalSync: "background" | "always";
  /** How long credit that no request asks for is kept, in milliseconds. */
  readonly leaseIdleMs: number;
  /** How long a request may wait for credit, in milliseconds. */
  readonly creditWaitMs: number;
  /** How long the answer of a request that may be repeated waits for its settlement, in milliseconds. */
  readonly settleWaitMs: number;
}

export interface MoneyParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly records: UsageQueue;
  readonly log: Logger;
  /** Milliseconds of a clock that never goes back and runs on while the machine sleeps. */
  readonly clock: () => number;
}

/** Figures for metrics. */
export interface MoneyFigures extends LeaseFigures, AdmissionCounts {
  readonly journalBytes: number;
  /** Why nothing is admitted any more, for good. */
  readonly halted: HaltReason | undefined;
}
