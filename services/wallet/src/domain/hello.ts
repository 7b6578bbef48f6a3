import type { Origin } from "./event.ts";

/** A gateway says that it is there. */
export interface Hello {
  readonly origin: Origin;
  /** The stem of the ids of what it moves. */
  readonly transferId: string;
  readonly gatewayId: string;
  /** The id of this start. */
  readonly startId: string;
  /** The id of the start that it follows; empty for a gateway never seen. */
  readonly replaces: string;
  /** Whether its journal holds every admission of earlier starts. */
  readonly isIntact: boolean;
  /** Leases of earlier starts that its journal has records of. */
  readonly leaseIds: readonly string[];
}

/** The gateway may spend; `recalled` are leases of this start that are asked back. Or another start holds its name. */
export type HelloResult =
  | { readonly type: "welcome"; readonly incarnation: bigint; readonly recalled: readonly string[] }
  | { readonly type: "superseded"; readonly startId: string };
