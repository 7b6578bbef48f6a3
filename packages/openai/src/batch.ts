import * as contract from "@alfred/contracts";
import { formatUsd } from "@alfred/money";
import { FieldMismatch, bigInteger, dictionary, nullable, text, type Field } from "./field.ts";
import { object } from "./object.ts";

/** What a batch costs. Providers do not send it. */
const charge: Field<contract.BatchCharge> = {
  read() {
    throw new FieldMismatch("nothing of this name");
  },
  write: ({ provider, held, cost }) => ({
    provider,
    held_usd: formatUsd(held?.value ?? 0n),
    ...(cost && { cost_usd: formatUsd(cost.value) }),
  }),
};

/** A batch, as the Batch API tells of it. */
export const batch = object(contract.Batch, {
  id: text, endpoint: text, inputFileId: text, completionWindow: text, status: text, outputFileId: nullable(text), errorFileId: nullable(text),
  createdAt: bigInteger, metadata: dictionary(text), alfred: charge,
});

/** The body of POST /v1/batches. */
export const batchTerms = object(contract.BatchTerms, { inputFileId: text, endpoint: text, completionWindow: text, metadata: dictionary(text) });
