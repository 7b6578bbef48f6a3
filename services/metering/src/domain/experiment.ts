import type { FailedAttempts, GetExperimentResultsRequest, Latency, MeterQuantity } from "@alfred/contracts";
import type { Principal } from "@alfred/rpc";
import { timeRange } from "./check-query.ts";
import { checkedName } from "./name.ts";
import { invalid } from "./refusal.ts";

/** Which experiment is asked for, checked. */
export interface ExperimentQuery {
  readonly experiment: string;
  /** The organisation that paid; undefined for all. */
  readonly organisationId: string | undefined;
  readonly startTime: Date;
  readonly endTime: Date;
}

/** What one arm came to. */
export interface ArmSums {
  arm: string;
  shadow: boolean;
  requests: bigint;
  unansweredRequests: bigint;
  shadowedRequests: bigint;
  attempts: bigint;
  failures: FailedAttempts[];
  quantities: MeterQuantity[];
  estimatedAttempts: bigint;
  costNanos: bigint;
  firstByte: Latency;
  whole: Latency;
}

/**
 * Checks what is asked and confines it to what the caller may see.
 *
 * @throws AlfredError INVALID_ARGUMENT, or NOT_FOUND for another tenant's organisation
 */
export function checkExperiment(request: GetExperimentResultsRequest, caller: Principal, nowMs: number): ExperimentQuery {
  const requested = checkedName("organisation_id", request.organisationId);
  const isAll = requested === "" && caller.tenant === undefined;
  const organisationId = isAll ? undefined : caller.organisation(requested);
  const experiment = checkedName("experiment", request.experiment);
  if (experiment === "") throw invalid("experiment", "is not stated", "Name the experiment, as its rule does.");
  return { experiment, organisationId, ...timeRange(request, undefined, nowMs) };
}
