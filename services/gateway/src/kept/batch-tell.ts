import { type Batch, type KeptObject, KeptObjectKind, Unit } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { parseJson, readBatch } from "@alfred/openai";
import { type BatchState, stateOf } from "./batch-state.ts";
import { keptId } from "./own.ts";

/** The label by which the provider's batch is found again. */
export const OWN_LABEL = "alfred_batch_id";

const OVER = new Set(["completed", "failed", "expired", "cancelled"]);

/** Whether a batch gets no further, by what its provider calls it. */
export function isOver(status: string): boolean {
  return OVER.has(status);
}

/** A batch as clients are told of it: by our ids, and not as over before it is settled. */
export function tellBatch(object: KeptObject): Batch {
  const state = stateOf(object);
  const { terms, phase } = state;
  const told = state.told === "" ? untold(object, state) : readBatch(parseJson(state.told));
  const { [OWN_LABEL]: _own, ...metadata } = told.metadata;
  return {
    ...told, metadata,
    id: object.id,
    endpoint: terms.endpoint,
    inputFileId: terms.inputFileId,
    completionWindow: terms.completionWindow,
    status: phase === "running" || phase === "settling" ? (isOver(told.status) ? "finalizing" : told.status) : told.status,
    outputFileId: fileOf(state, "output", object),
    errorFileId: fileOf(state, "error", object),
    alfred: {
      provider: object.providerId,
      held: { unit: Unit.UNIT_USD, value: state.held.nanos },
      cost: phase === "ended" ? { unit: Unit.UNIT_USD, value: state.result?.charge.nanos ?? 0n } : phase === "failed" ? { unit: Unit.UNIT_USD, value: 0n } : undefined,
    },
  };
}

/** The id of a file that a batch has written. */
export function fileScope(batchId: string, which: "output" | "error"): string {
  return `${batchId}/${which}`;
}

function fileOf({ phase, result }: BatchState, which: "output" | "error", { id }: KeptObject): string | undefined {
  if (phase !== "ended" || result === undefined || result[which].upstreamId === "") return undefined;
  return keptId(KeptObjectKind.KEPT_OBJECT_KIND_FILE, fileScope(id, which));
}

/** Of a batch that the provider has not told of yet, or never will. */
function untold({ createTime }: KeptObject, { phase, terms, lines }: BatchState): Batch {
  const isFailed = phase === "failed";
  const errors = { object: "list", data: [{ code: "not_submitted", message: "The batch was cut off before the provider had it. It cost nothing; make it again.", param: null, line: null }] };
  return readBatch({
    object: "batch", status: isFailed ? "failed" : "validating", errors: isFailed ? errors : null,
    created_at: Math.floor((createTime?.getTime() ?? 0) / 1_000),
    request_counts: { total: lines, completed: 0, failed: 0 }, metadata: terms.metadata,
  });
}

/** Longest answer that is kept whole, in characters. */
const MAX_TOLD = 32 * 1024;

/** What a provider tells of a batch, as it is kept. @throws AlfredError PROVIDER_MALFORMED where it is no batch */
export function toldBy(json: unknown): { readonly told: string; readonly id: string; readonly status: string; readonly output: string; readonly error: string } {
  const { id, status, outputFileId = "", errorFileId = "" } = readBatch(json);
  if (id === "" || status === "") throw fail("PROVIDER_MALFORMED", "What the provider tells of a batch cannot be understood.");
  const told = JSON.stringify(json);
  // A long list of what is wrong with an input would not fit the record.
  return { told: told.length <= MAX_TOLD ? told : JSON.stringify({ ...(json as object), errors: null }), id, status, output: outputFileId, error: errorFileId };
}

const LOST = { code: "lost", message: "The provider does not know the batch any more. What came of it cannot be told, so all that was held for it is charged.", param: null, line: null };

/** What is told of a batch that its provider does not know any more, as it is kept. @param nowMs since the epoch */
export function toldOfLost({ told }: Pick<BatchState, "told">, nowMs: number): string {
  const known = told === "" ? { object: "batch" } : (JSON.parse(told) as object);
  return JSON.stringify({ ...known, status: "failed", failed_at: Math.floor(nowMs / 1_000), errors: { object: "list", data: [LOST] } });
}
