import type { LeaseSettlement, SettleUsageRequest, SettleUsageResponse, SettledLease } from "@alfred/contracts";
import type * as wire from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import type { Amount } from "../domain/amount.ts";
import { UNITS } from "../domain/amount.ts";
import type { Origin } from "../domain/event.ts";
import type { PathSpec } from "../domain/open-account.ts";
import type { Operations } from "../domain/ports.ts";
import type { LeaseRecord } from "../domain/post-record.ts";
import { settleUsage } from "../domain/settle-usage.ts";
import type { SettleUsage, SettleUsageResult } from "../domain/settle-usage.ts";
import { originOf } from "./caller.ts";
import { invalid, readAccountId, readAnyAmounts, readCount, readIncarnation } from "./field.ts";
import { amountsToWire, leaseStateToWire, warningToWire } from "./mappers.ts";
import { readPath } from "./path.ts";

export interface SettleUsageParts {
  readonly operations: Operations;
  readonly leaseTtlMs: number;
  readonly leaseGraceMs: number;
  readonly now: () => number;
}

const MAX_SETTLEMENTS = 1_000;
const MAX_RECORDS = 1_000;
/** What all records of a settlement may come to per unit: what a transfer's entries hold. */
const MAX_TOTAL = 1_000_000_000_000_000_000n;

/**
 * Charges what was spent of leases. Nothing is refused for money, age, start or order: only what cannot be read is, and
 * then nothing of the request happens.
 */
export async function handleSettleUsage(parts: SettleUsageParts, request: SettleUsageRequest, context: CallContext): Promise<SettleUsageResponse> {
  const commands = readSettleUsage(parts, request, originOf(context, ""));
  const results = await Promise.all(commands.map((command) => parts.operations.submit(settleUsage(command), context.signal)));
  return { leases: results.map(settledToWire) };
}

function settledToWire({ lease, remaining, warnings }: SettleUsageResult): SettledLease {
  const { id: leaseId, state } = lease;
  return { leaseId, state: leaseStateToWire(state), remaining: amountsToWire(remaining), warnings: warnings.map(warningToWire) };
}

function readSettleUsage(parts: SettleUsageParts, request: SettleUsageRequest, origin: Origin): SettleUsage[] {
  const { settlements } = request;
  if (settlements.length > MAX_SETTLEMENTS) throw invalid("settlements", `must be at most ${MAX_SETTLEMENTS}.`);
  const gatewayId = readAccountId("gateway_id", request.gatewayId);
  const incarnation = readIncarnation(request.incarnation);
  const keepMs = parts.leaseTtlMs + parts.leaseGraceMs;
  const nowMs = parts.now();
  return settlements.map((settlement) => readSettlement(settlement, { origin, gatewayId, incarnation, keepMs }, nowMs));
}

type Settler = Pick<SettleUsage, "origin" | "gatewayId" | "incarnation" | "keepMs">;

function readSettlement(settlement: LeaseSettlement, settler: Settler, nowMs: number): SettleUsage {
  const { ceiling, finalCount } = settlement;
  const paths = readPaths(settlement.paths);
  return {
    ...settler,
    transferId: newId("trf"),
    leaseId: readAccountId("settlements.lease_id", settlement.leaseId),
    paths,
    records: readRecords(settlement.records, paths),
    ceiling: ceiling === undefined ? undefined : readAnyAmounts(ceiling.amounts, 0n),
    finalCount: finalCount === undefined ? undefined : readCount("settlements.final_count", finalCount, 0),
    grantTimeMs: grantTimeOf(settlement, nowMs),
  };
}

function readPaths(paths: readonly wire.AccountPath[]): readonly [PathSpec, ...PathSpec[]] {
  if (paths.length > MAX_RECORDS) throw invalid("settlements.paths", `must be 1 to ${MAX_RECORDS}.`);
  const [first, ...others] = paths.map(readPath);
  if (first === undefined) throw invalid("settlements.paths", `must be 1 to ${MAX_RECORDS}.`);
  if (others.every(({ organisationId }) => organisationId === first.organisationId)) return [first, ...others];
  throw invalid("settlements.paths", "must be of one organisation.");
}

function readRecords(records: readonly wire.LeaseRecord[], paths: readonly PathSpec[]): readonly LeaseRecord[] {
  if (records.length > MAX_RECORDS) throw invalid("settlements.records", `must be at most ${MAX_RECORDS}.`);
  const leaves = new Set(paths.map(({ accounts }) => accounts[0]?.id));
  const read = records.map((record): LeaseRecord => {
    const accountId = readAccountId("settlements.records.account_id", record.accountId);
    if (!leaves.has(accountId)) throw invalid("settlements.records.account_id", "must be the leaf of one of the paths.");
    const number = readCount("settlements.records.number", record.number, 1);
    const worst = readAnyAmounts(record.worst, 0n);
    return { number, accountId, worst, cost: readAnyAmounts(record.cost, 0n), isIndeterminate: record.indeterminate };
  });
  const isTooMuch = UNITS.some((unit) => totalOf(read, unit) > MAX_TOTAL);
  if (isTooMuch) throw invalid("settlements.records.cost", `must come to at most ${MAX_TOTAL} per settlement and unit.`);
  return read;
}

function totalOf(records: readonly LeaseRecord[], unit: Amount["unit"]): bigint {
  let total = 0n;
  for (const { cost } of records) for (const amount of cost) if (amount.unit === unit) total += amount.value;
  return total;
}

/** Whatever a gateway says, no window is charged that has not begun. */
function grantTimeOf({ grantTime }: LeaseSettlement, nowMs: number): number {
  const grantTimeMs = grantTime === undefined ? nowMs : grantTime.getTime();
  if (Number.isNaN(grantTimeMs)) throw invalid("settlements.grant_time", "must be a time.");
  return Math.min(Math.max(grantTimeMs, 0), nowMs);
}
