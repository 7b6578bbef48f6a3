import type { SettleRequest, SettleResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import type { Operations } from "../domain/ports.ts";
import { settle } from "../domain/settle.ts";
import type { Settle } from "../domain/settle.ts";
import { identityOf, originOf } from "./caller.ts";
import { readAccountId, readAnyAmounts, readRequestId } from "./field.ts";
import { amountsToWire, reservationToWire } from "./mappers.ts";

/** Charges what a reservation really cost and gives back the rest. */
export async function handleSettle(operations: Operations, request: SettleRequest, context: CallContext): Promise<SettleResponse> {
  const command = readSettle(request, context);
  const { lease, replayed, remaining } = await operations.submit(settle(command), context.signal);
  return { reservation: reservationToWire(lease), replayed, remaining: amountsToWire(remaining) };
}

function readSettle(request: SettleRequest, context: CallContext): Settle {
  const requestId = readRequestId(request.requestId);
  const leaseId = readAccountId("reservation_id", request.reservationId);
  const organisationId = context.principal.organisation(request.organisationId);
  const amounts = readAnyAmounts(request.amounts, 0n);
  return {
    identity: identityOf(context, "Settle", requestId, { organisationId, leaseId, amounts }),
    origin: originOf(context, requestId),
    transferId: newId("trf"),
    organisationId,
    leaseId,
    amounts,
  };
}
