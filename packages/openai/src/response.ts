/** OpenAI's Responses to and from the contract's messages. */
import * as contract from "@alfred/contracts";
import { bodyWriter } from "./body.ts";
import { bigInteger, flag, integer, nullable, text } from "./field.ts";
import { object } from "./object.ts";
import { receipt } from "./receipt.ts";
import { responseItem, responseItems, responsePart } from "./response-item.ts";
import { responseRequest } from "./response-request.ts";
import { invalidField, readStrictly, requireName, requireRange, withoutStream } from "./strict.ts";

const usage = object(contract.ResponseUsage, {
  inputTokens: bigInteger,
  inputTokensDetails: object(contract.InputTokensDetails, { cachedTokens: bigInteger }),
  outputTokens: bigInteger,
  outputTokensDetails: object(contract.OutputTokensDetails, { reasoningTokens: bigInteger }),
  totalTokens: bigInteger,
});

/** A whole answer, or as it stands. */
const response = object(contract.ModelResponse, {
  id: text,
  object: text,
  createdAt: bigInteger,
  status: text,
  model: text,
  output: responseItems,
  usage: nullable(usage),
  error: nullable(object(contract.ResponseError, { code: text, message: text })),
  incompleteDetails: nullable(object(contract.IncompleteDetails, { reason: text })),
});

/** A piece of an answer. */
const event = object(contract.ResponseEvent, {
  type: text,
  sequenceNumber: bigInteger,
  response,
  outputIndex: integer,
  itemId: text,
  item: responseItem,
  contentIndex: integer,
  summaryIndex: integer,
  part: responsePart,
  delta: text,
  text,
  refusal: text,
  arguments: text,
  input: text,
  alfred: receipt,
});

const itemList = object(contract.ResponseItemList, { object: text, data: responseItems, firstId: nullable(text), lastId: nullable(text), hasMore: flag });

/**
 * Reads the body of POST /v1/responses.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readResponseRequest(json: unknown): { response: contract.ResponseRequest; stream: boolean } {
  const { stream, ...request } = withoutStream(readStrictly(json, responseRequest));
  requireName(request.model, "model");
  if (request.input === undefined) throw invalidField("input", "a string or a list of items");
  requireRange(request.maxOutputTokens, "max_output_tokens");
  return { response: request, stream };
}

export const writeResponseRequest = bodyWriter(responseRequest);

/** Reads a provider's answer. @throws FieldMismatch where it is no JSON object */
export function readResponse(json: unknown): contract.ModelResponse {
  return response.read(json, false);
}

/** Reads a piece of a provider's stream. @throws FieldMismatch where it is no JSON object */
export function readResponseEvent(json: unknown): contract.ResponseEvent {
  return event.read(json, false);
}

/** Reads a page of items. @throws FieldMismatch where it is no JSON object */
export function readResponseItemList(json: unknown): contract.ResponseItemList {
  return itemList.read(json, false);
}

export const writeResponse = response.write;
export const writeResponseItemList = itemList.write;
export const writeResponseEvent = event.write;
