import type { AcquireLeaseRequest, AcquireLeaseResponse } from "@alfred/contracts";
import type * as wire from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import type { Demand, Granted } from "../domain/acquire.ts";
import { UNITS } from "../domain/amount.ts";
import type { AcquireCommand, LeaseDesk } from "../lease-desk.ts";
import { identityOf, originOf } from "./caller.ts";
import { invalid, MAX_AMOUNT, readAccountId, readDuration, readIncarnation, readRequestId, readUnit } from "./field.ts";
import { amountsToWire, leaseToWire, warningToWire } from "./mappers.ts";
import { readPath } from "./path.ts";

export interface AcquireLeaseParts {
  readonly desk: LeaseDesk;
  readonly leaseTtlMs: number;
  readonly leaseGraceMs: number;
  readonly counter: { acquired(result: string): void };
}

const WAIT = { leastMs: 0, mostMs: 60_000, range: "from 0 to 60 seconds" };

/** Grants credit, at once or when others have given back enough of theirs. */
export async function handleAcquireLease(parts: AcquireLeaseParts, request: AcquireLeaseRequest, context: CallContext): Promise<AcquireLeaseResponse> {
  const command = readAcquire(parts, request, context);
  const waitMs = request.wait === undefined ? 0 : readDuration("wait", request.wait, WAIT);
  try {
    const granted = await parts.desk.acquire(command, waitMs, context.signal);
    parts.counter.acquired(granted.replayed ? "replayed" : "granted");
    return grantedToWire(granted);
  } catch (error) {
    parts.counter.acquired(isFailure(error) ? error.code.toLowerCase() : "internal");
    throw error;
  }
}

function grantedToWire({ lease, ttlMs, replayed, remaining, warnings, limitsRevision }: Granted): AcquireLeaseResponse {
  const ttl = { seconds: BigInt(Math.floor(ttlMs / 1_000)), nanos: (ttlMs % 1_000) * 1_000_000 };
  return { lease: leaseToWire(lease), ttl, replayed, remaining: amountsToWire(remaining), warnings: warnings.map(warningToWire), limitsRevision };
}

function readAcquire(parts: AcquireLeaseParts, request: AcquireLeaseRequest, context: CallContext): AcquireCommand {
  const requestId = readRequestId(request.requestId);
  const gatewayId = readAccountId("gateway_id", request.gatewayId);
  const incarnation = readIncarnation(request.incarnation);
  if (request.path === undefined) throw invalid("path", "is needed.");
  const path = readPath(request.path);
  const demands = readDemands(request.demands);
  const { organisationId, accounts } = path;
  // How long the caller waits, and what the directory says of the path besides, may change between two attempts.
  const body = { gatewayId, incarnation, organisationId, path: accounts.map(({ id }) => id), demands };
  return {
    identity: identityOf(context, "AcquireLease", requestId, body),
    origin: originOf(context, requestId),
    leaseId: newId("lease"),
    transferId: newId("trf"),
    gatewayId,
    incarnation,
    path,
    demands,
    ttlMs: parts.leaseTtlMs,
    graceMs: parts.leaseGraceMs,
  };
}

function readDemands(demands: readonly wire.LeaseDemand[]): readonly Demand[] {
  if (demands.length === 0 || demands.length > UNITS.length) throw invalid("demands", "must have an entry per unit.");
  const read = demands.map(readDemand);
  if (new Set(read.map(({ unit }) => unit)).size < read.length) throw invalid("demands", "must name each unit once.");
  return read;
}

function readDemand({ unit, wanted, minimum }: wire.LeaseDemand): Demand {
  if (minimum < 0n || minimum > MAX_AMOUNT) throw invalid("demands.minimum", `must be from 0 to ${MAX_AMOUNT}.`);
  if (wanted < minimum || wanted > MAX_AMOUNT) throw invalid("demands.wanted", `must be from \`minimum\` to ${MAX_AMOUNT}.`);
  return { unit: readUnit("demands.unit", unit), wanted, minimum };
}
