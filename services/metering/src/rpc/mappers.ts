import { Amount, type ArmResults, AttemptOutcome, encoded, Unit, UsageRecord, UsageRow, UsageSource } from "@alfred/contracts";
import type { ArmSums } from "../domain/experiment.ts";
import type { KeptRecord, UsageSums } from "../domain/usage.ts";
import type { CheckedRecord } from "../domain/usage-record.ts";

/** Nano-dollars on the wire. */
export function usd(nanos: bigint): Amount {
  return Amount.create({ unit: Unit.UNIT_USD, value: nanos });
}

/** A record as it is kept; it is serialised here and never again. */
export function toKept(record: CheckedRecord): KeptRecord {
  return {
    recordId: record.recordId,
    organisationId: record.organisationId,
    requestId: record.requestId,
    // What is not charged stands for itself.
    chargeId: record.chargeId === "" ? record.recordId : record.chargeId,
    path: record.path,
    keyId: record.keyId,
    userId: record.userId,
    teamId: record.teamId,
    provider: record.provider,
    model: record.model,
    routeRule: record.routeRule?.id ?? "",
    experiment: record.arm?.experiment ?? "",
    arm: record.arm?.arm ?? "",
    shadowOf: record.arm?.shadowOf ?? "",
    answered: record.outcome === AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED,
    reason: record.reason,
    firstByteMs: record.firstByteMs,
    durationMs: BigInt(record.endTime.getTime() - record.startTime.getTime()),
    estimated: record.source === UsageSource.USAGE_SOURCE_ESTIMATED,
    costNanos: record.cost.value,
    startTime: record.startTime,
    tags: record.tags,
    quantities: record.quantities,
    bytes: encoded(UsageRecord, record),
  };
}

/** Sums as QueryUsage answers them. */
export function toRow({ group, requests, attempts, quantities, costNanos, estimatedAttempts }: UsageSums): UsageRow {
  return UsageRow.create({ group, requests, attempts, quantities, cost: usd(costNanos), estimatedAttempts });
}

/** Sums of an arm as GetExperimentResults answers them. */
export function toArmResults({ costNanos, ...sums }: ArmSums): ArmResults {
  return { ...sums, cost: usd(costNanos) };
}
