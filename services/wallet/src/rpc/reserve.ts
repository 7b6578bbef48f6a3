import type { Reservation, ReserveRequest, ReserveResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { isFromHouse } from "../domain/identity.ts";
import type { PathSpec } from "../domain/open-account.ts";
import type { Operations, ReservationCounter } from "../domain/ports.ts";
import { reserve } from "../domain/reserve.ts";
import type { LeaseResult, Reserve } from "../domain/reserve.ts";
import type { Returned } from "../domain/try-reserve.ts";
import { tryReserve } from "../domain/try-reserve.ts";
import { identityOf, needPeer, originOf } from "./caller.ts";
import { invalid, readAccountId, readAmounts, readAnyAmounts, readDuration, readIncarnation, readRequestId, readText } from "./field.ts";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { amountsToWire, reservationToWire, warningToWire } from "./mappers.ts";
import { readPath } from "./path.ts";

const MAX_FINGERPRINT = 64;
const TTL = { leastMs: 1_000, mostMs: 48 * 3_600_000, range: "from 1 second to 48 hours" };

export interface ReserveParts extends AccountSource {
  readonly operations: Operations;
  readonly counter: ReservationCounter;
}

/** Holds the most that a request can cost, at every account of a path or at none. */
export async function handleReserve(parts: ReserveParts, request: ReserveRequest, context: CallContext): Promise<ReserveResponse> {
  const command = readReserve(request, context);
  const returned = readReturned(request, command, context);
  // An organisation's own key opens nothing, so the directory's news of the path is waited for.
  if (!isFromHouse(command.identity)) await findAccount(parts, command.path.accounts[0]?.id ?? "", context);
  if (request.validateOnly) return responseOf(await parts.operations.submit(tryReserve(command, returned), context.signal), undefined);
  try {
    const granted = await parts.operations.submit(reserve(command), context.signal);
    parts.counter.reserved(granted.replayed ? "replayed" : "granted");
    return responseOf(granted, reservationToWire(granted.lease));
  } catch (error) {
    parts.counter.reserved(isFailure(error) ? error.code.toLowerCase() : "internal");
    throw error;
  }
}

function responseOf({ replayed, remaining, warnings }: LeaseResult, reservation: Reservation | undefined): ReserveResponse {
  return { reservation, replayed, remaining: amountsToWire(remaining), warnings: warnings.map(warningToWire) };
}

function readReserve(request: ReserveRequest, context: CallContext): Reserve {
  const requestId = readRequestId(request.requestId);
  if (request.path === undefined) throw invalid("path", "is needed.");
  const path = readPath({ ...request.path, organisationId: context.principal.organisation(request.path.organisationId) });
  const amounts = readAmounts(request.amounts, 0n);
  const ttlMs = readDuration("ttl", request.ttl, TTL);
  const purpose = readPurpose(request.fingerprint);
  const gateway = readGateway(request, context);
  return {
    identity: identityOf(context, "Reserve", requestId, bodyOf(path, { amounts, ttlMs, purpose })),
    origin: originOf(context, requestId),
    leaseId: newId("lease"),
    transferId: newId("trf"),
    path,
    amounts,
    ttlMs,
    ...gateway,
  };
}

/** The gateway that reserves. It is no part of the body: another one may repeat the request of a client that came back. */
function readGateway(request: ReserveRequest, context: CallContext): Pick<Reserve, "gatewayId" | "incarnation"> {
  if (request.gatewayId === "") return { gatewayId: "", incarnation: 0n };
  needPeer(context, "Only peer services may reserve for a gateway.");
  return { gatewayId: readAccountId("gateway_id", request.gatewayId), incarnation: readIncarnation(request.incarnation) };
}

/** What the caller would give back first, of accounts on the path and in units that are asked for. */
function readReturned({ returned, validateOnly }: ReserveRequest, { path, amounts: asked }: Reserve, context: CallContext): Returned[] {
  if (returned.length === 0) return [];
  if (!validateOnly) throw invalid("returned", "needs `validate_only`.");
  needPeer(context, "Only peer services may say what they would give back.");
  const read = returned.map(({ accountId, amounts }) => ({ accountId, amounts: readAnyAmounts(amounts, 0n, "returned.amounts") }));
  const ids = read.map(({ accountId }) => accountId);
  if (new Set(ids).size < ids.length || !ids.every((id) => path.accounts.some((account) => account.id === id))) {
    throw invalid("returned.account_id", "must be an account of the path, each once.");
  }
  return read.map(({ accountId, amounts }) => ({ accountId, amounts: amounts.filter(({ unit }) => asked.some((amount) => amount.unit === unit)) }));
}

/** What makes two bodies the same: what the directory says of the path besides may change between two attempts. */
function bodyOf({ organisationId, accounts }: PathSpec, rest: object): unknown {
  return { organisationId, path: accounts.map(({ id }) => id), ...rest };
}

/** What the caller says that the money is for; it is compared, never read. */
function readPurpose(fingerprint: string): string {
  return fingerprint === "" ? "" : readText("fingerprint", fingerprint, MAX_FINGERPRINT);
}
