import {
  type CancelBatchRequest, type CancelBatchResponse, type GetBatchRequest, type GetBatchResponse, KeptObjectKind, type ListBatchesRequest, type ListBatchesResponse,
} from "@alfred/contracts";
import { AlfredError, isFailure } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { visit } from "../exchange/visit.ts";
import { isGone } from "../exchange/failure.ts";
import { advanceBatch } from "../kept/batch-end.ts";
import type { BatchParts } from "../kept/batch-parts.ts";
import { stateOf } from "../kept/batch-state.ts";
import { tellBatch } from "../kept/batch-tell.ts";
import { cancelBatch as cancelKept, orAsLeft } from "../kept/batches.ts";
import { notKept, ownObject } from "../kept/own.ts";
import { checkPage } from "./validate.ts";

const BATCH = KeptObjectKind.KEPT_OBJECT_KIND_BATCH;
const [USUALLY_LISTED, MOST_LISTED] = [20, 100];

/** Tells of a batch of the caller's organisation; one that turns out to be over is settled first. */
export function getBatch(parts: BatchParts, { id }: GetBatchRequest, context: CallContext): Promise<GetBatchResponse> {
  return visit(parts, context, async (visitor) => {
    const object = await ownObject(parts, visitor, BATCH, id);
    // What was cut off is looked into when nothing of it can be under way any more, and not before.
    if (stateOf(object).phase === "submitting") return { batch: tellBatch(object) };
    try {
      const advanced = advanceBatch(parts, object, visitor).then((left) => left ?? object);
      return { batch: tellBatch(await orAsLeft(parts, object, advanced)) };
    } catch (error) {
      // It is the organisation's all the same, and on record until it is settled.
      if (error instanceof AlfredError && isGone(error)) return { batch: tellBatch(object) };
      throw error;
    }
  });
}

/** Lists the batches of the caller's organisation. */
export async function listBatches(parts: BatchParts, { after, limit }: ListBatchesRequest, context: CallContext): Promise<ListBatchesResponse> {
  const page = checkPage({ limit, order: "" }, USUALLY_LISTED, MOST_LISTED);
  return visit(parts, context, async ({ organisationId }) => {
    try {
      const { objects, hasMore } = await parts.record.listKeptObjects({ organisationId, kind: BATCH, purpose: "", afterId: after, ...page });
      return { batches: objects.map(tellBatch), hasMore };
    } catch (error) {
      throw isFailure(error, "NOT_FOUND") ? notKept(BATCH, after) : error;
    }
  });
}

/** Ends a batch of the caller's organisation. */
export function cancelBatch(parts: BatchParts, { id }: CancelBatchRequest, context: CallContext): Promise<CancelBatchResponse> {
  return visit(parts, context, async (visitor) => ({ batch: tellBatch(await cancelKept(parts, await ownObject(parts, visitor, BATCH, id), visitor)) }));
}
