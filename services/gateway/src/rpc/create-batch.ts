import type { CreateBatchRequest, CreateBatchResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { visit } from "../exchange/visit.ts";
import type { BatchParts } from "../kept/batch-parts.ts";
import { tellBatch } from "../kept/batch-tell.ts";
import { makeBatch } from "../kept/batches.ts";
import { checkBatch, checkCall } from "./validate.ts";

/** Has requests run within a day by the provider that holds their file. */
export async function createBatch(parts: BatchParts, request: CreateBatchRequest, context: CallContext): Promise<CreateBatchResponse> {
  const [call, terms] = [checkCall(request.call), checkBatch(request.terms)];
  return visit(parts, context, async (visitor) => ({ batch: tellBatch(await makeBatch(parts, visitor, call, terms)) }));
}
