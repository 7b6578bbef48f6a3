import type { GetExperimentResultsRequest, GetExperimentResultsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { type ArmSums, checkExperiment, type ExperimentQuery } from "../domain/experiment.ts";
import type { MeteringMetrics } from "../metrics.ts";
import { toArmResults } from "./mappers.ts";

/** What GetExperimentResults needs. */
export interface ExperimentResultsParts {
  /** Sums by arm, in the order of names. */
  sum(query: ExperimentQuery): Promise<ArmSums[]>;
  metrics: MeteringMetrics;
  now(): number;
}

/** Tells what an experiment came to, by arm. */
export async function getExperimentResults(parts: ExperimentResultsParts, request: GetExperimentResultsRequest, context: CallContext): Promise<GetExperimentResultsResponse> {
  const query = checkExperiment(request, context.principal, parts.now());
  const startedAt = performance.now();
  const sums = await parts.sum(query);
  parts.metrics.queryAnswered((performance.now() - startedAt) / 1000);
  const { startTime, endTime } = query;
  return { arms: sums.map(toArmResults), startTime, endTime };
}
