import type { Draft } from "./draft.ts";
import type { Outcome } from "./refusal.ts";
import { refused } from "./refusal.ts";

/** A start of a gateway; the id is empty for none. */
interface Start {
  readonly gatewayId: string;
  readonly incarnation: bigint;
}

/**
 * The refusal of a start that is not its gateway's latest, or undefined. Incarnations never go back, so whoever was
 * refused once always is: the refusal needs no place on record, and comes before any answer that is.
 */
export function findSuperseded<T>(draft: Draft, { gatewayId, incarnation }: Start): Outcome<T> | undefined {
  if (gatewayId === "" || isCurrent(draft, { gatewayId, incarnation })) return undefined;
  const message = `Start ${incarnation} of the gateway ${gatewayId} is not its latest.`;
  return refused("GATEWAY_SUPERSEDED", message, { gateway: gatewayId, incarnation: String(incarnation) });
}

/** Whether a start is its gateway's latest. */
export function isCurrent(draft: Draft, { gatewayId, incarnation }: Start): boolean {
  return draft.gateway(gatewayId)?.incarnation === incarnation;
}
