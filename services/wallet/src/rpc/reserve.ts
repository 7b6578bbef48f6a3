import type { ReserveRequest, ReserveResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { isFromHouse } from "../domain/identity.ts";
import type { PathSpec } from "../domain/open-account.ts";
import type { Operations, ReservationCounter } from "../domain/ports.ts";
import { reserve } from "../domain/reserve.ts";
import type { Reserve } from "../domain/reserve.ts";
import { identityOf, originOf } from "./caller.ts";
import { invalid, readAmounts, readRequestId, readText } from "./field.ts";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { amountsToWire, reservationToWire } from "./mappers.ts";
import { readPath } from "./path.ts";

const MAX_FINGERPRINT = 64;
const MIN_TTL_MS = 1_000;
const MAX_TTL_MS = 48 * 3_600_000;

export interface ReserveParts extends AccountSource {
  readonly operations: Operations;
  readonly counter: ReservationCounter;
}

/** Holds the most that a request can cost, at every account of a path or at none. */
export async function handleReserve(parts: ReserveParts, request: ReserveRequest, context: CallContext): Promise<ReserveResponse> {
  const command = readReserve(request, context);
  // An organisation's own key opens nothing, so the directory's news of the path is waited for.
  if (!isFromHouse(command.identity)) await findAccount(parts, command.path.accounts[0]?.id ?? "", context);
  try {
    const { lease, replayed, remaining } = await parts.operations.submit(reserve(command), context.signal);
    parts.counter.reserved(replayed ? "replayed" : "granted");
    return { reservation: reservationToWire(lease), replayed, remaining: amountsToWire(remaining) };
  } catch (error) {
    parts.counter.reserved(isFailure(error) ? error.code.toLowerCase() : "internal");
    throw error;
  }
}

function readReserve(request: ReserveRequest, context: CallContext): Reserve {
  const requestId = readRequestId(request.requestId);
  if (request.path === undefined) throw invalid("path", "is needed.");
  const path = readPath({ ...request.path, organisationId: context.principal.organisation(request.path.organisationId) });
  const amounts = readAmounts(request.amounts, 0n);
  const ttlMs = readTtl(request);
  const purpose = readPurpose(request.fingerprint);
  return {
    identity: identityOf(context, "Reserve", requestId, bodyOf(path, { amounts, ttlMs, purpose })),
    origin: originOf(context, requestId),
    leaseId: newId("lease"),
    transferId: newId("trf"),
    path,
    amounts,
    ttlMs,
  };
}

/** What makes two bodies the same: what the directory says of the path besides may change between two attempts. */
function bodyOf({ organisationId, accounts }: PathSpec, rest: object): unknown {
  return { organisationId, path: accounts.map(({ id }) => id), ...rest };
}

/** What the caller says that the money is for; it is compared, never read. */
function readPurpose(fingerprint: string): string {
  return fingerprint === "" ? "" : readText("fingerprint", fingerprint, MAX_FINGERPRINT);
}

function readTtl({ ttl }: ReserveRequest): number {
  if (ttl === undefined) throw invalid("ttl", "is needed.");
  const ttlMs = Number(ttl.seconds) * 1_000 + Math.trunc(ttl.nanos / 1_000_000);
  if (ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS) return ttlMs;
  throw invalid("ttl", "must be from 1 second to 48 hours.");
}
