import type { CloseLeaseRequest, CloseLeaseResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { closeLease } from "../domain/close-lease.ts";
import type { Lease } from "../domain/lease.ts";
import type { Operations } from "../domain/ports.ts";
import { identityOf, originOf } from "./caller.ts";
import { readAccountId, readAnyAmounts, readRequestId, readText } from "./field.ts";
import { leaseToWire } from "./mappers.ts";

const MAX_REASON = 256;

/** What an operator's close needs. */
export interface CloseLeaseParts {
  readonly operations: Operations;
  /** Read without a lock: of which organisation and gateway a lease is never changes. */
  readonly leases: { find(id: string): Promise<Lease | undefined> };
}

/** Closes a lease of a gateway that is gone, at the cost that the operator states. */
export async function handleCloseLease(
  { operations, leases }: CloseLeaseParts,
  request: CloseLeaseRequest,
  context: CallContext,
): Promise<CloseLeaseResponse> {
  const requestId = readRequestId(request.requestId);
  const leaseId = readAccountId("lease_id", request.leaseId);
  const cost = readAnyAmounts(request.cost, 0n, "cost");
  const reason = readText("reason", request.reason, MAX_REASON);
  const { force: isForced } = request;
  const identity = identityOf(context, "CloseLease", requestId, { leaseId, cost, reason, isForced });
  const { organisationId, gatewayId } = await findLease(leases, leaseId);
  const origin = originOf(context, requestId);
  const command = { identity, origin, transferId: newId("trf"), leaseId, organisationId, gatewayId, cost, reason, isForced };
  const { lease, replayed } = await operations.submit(closeLease(command), context.signal);
  return { lease: leaseToWire(lease), replayed };
}

async function findLease(leases: CloseLeaseParts["leases"], id: string): Promise<Lease> {
  const lease = await leases.find(id);
  if (lease !== undefined) return lease;
  throw fail("NOT_FOUND", `There is no lease ${id}.`, {
    hint: "ListSuspense names the leases whose fate is unknown.",
    metadata: { lease: id },
  });
}
