/** What the RPCs need of the database and the disk, said without them. */
import type { Head, StoredLink } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** One wait for links; disposing forgets it. */
interface Growth extends Disposable {
  /** Resolves when the chain has grown since this was made, when `idleMs` are over, or when the signal fires. */
  orAfter(idleMs: number, signal: AbortSignal): Promise<void>;
}

/** The chains as they are stored. */
export interface Chains {
  /** Where a chain says of itself that it stands. */
  head(organisation: string): Promise<Head>;
  /** Links after a sequence, in order, at most `most`. */
  links(organisation: string, after: bigint, most: number): Promise<StoredLink[]>;
  /** Begins to hear of a chain's growth at once, however late the wait begins. */
  growth(organisation: string): Growth;
}

/** What the RPCs work with. */
export interface Audit {
  readonly chains: Chains;
  /** Checkpoints in order; returns true where one does not continue the one before it. */
  checkpoints(organisation: string): AsyncGenerator<Checkpoint, boolean>;
}
