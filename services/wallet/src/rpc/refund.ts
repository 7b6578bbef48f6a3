import type { RefundRequest, RefundResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import type { Operations } from "../domain/ports.ts";
import { refund } from "../domain/refund.ts";
import type { Refund } from "../domain/refund.ts";
import { identityOf, originOf } from "./caller.ts";
import { readAccountId, readAmounts, readRequestId, readText } from "./field.ts";
import { transferToWire } from "./mappers.ts";

const MAX_REASON = 256;

/** Gives back a charge or part of it. */
export async function handleRefund(operations: Operations, request: RefundRequest, context: CallContext): Promise<RefundResponse> {
  const command = readRefund(request, context);
  const { transfer, replayed } = await operations.submit(refund(command), context.signal);
  return { transfer: transferToWire(transfer), replayed };
}

function readRefund(request: RefundRequest, context: CallContext): Refund {
  const requestId = readRequestId(request.requestId);
  const leaseId = readAccountId("reservation_id", request.reservationId);
  const organisationId = context.principal.organisation(request.organisationId);
  const amounts = readAmounts(request.amounts, 1n);
  const reason = readText("reason", request.reason, MAX_REASON);
  return {
    identity: identityOf(context, "Refund", requestId, { organisationId, leaseId, amounts, reason }),
    origin: originOf(context, requestId),
    transferId: newId("trf"),
    organisationId,
    leaseId,
    amounts,
    reason,
  };
}
