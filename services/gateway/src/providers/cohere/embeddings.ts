import type { Embedding, EmbeddingList, EmbeddingRequest } from "@alfred/contracts";
import { FieldMismatch } from "@alfred/openai";
import type { Mapped, Target } from "../dialect.ts";
import { ownEmbeddingFields, textsToEmbed } from "../embedding-input.ts";
import { countOf, defined, objectOf, requireObject, unknownFields } from "../loose-json.ts";
import { credentials } from "./request.ts";

/** Most texts of one call. Source: https://docs.cohere.com/reference/embed */
const MAX_TEXTS = 96;

/** What is embedded, and in what form it comes back, is said in OpenAI's words. */
const REFUSED = new Set(["texts", "images", "inputs", "embedding_types", "output_dimension"]);

/**
 * Vectors come as numbers: who asks for base64 gets it from them. Texts are embedded to be found, unless the client sends
 * Cohere's `input_type`.
 *
 * @throws AlfredError FEATURE_UNSUPPORTED for token ids, INVALID_ARGUMENT for too many texts
 */
export function embed(request: EmbeddingRequest, target: Target): Mapped {
  const { fields, unsupported } = ownEmbeddingFields(request, REFUSED);
  const body = defined({
    input_type: "search_document",
    ...fields,
    model: target.model,
    texts: textsToEmbed(request, MAX_TEXTS),
    embedding_types: ["float"],
    output_dimension: request.dimensions,
  });
  return { request: { url: `${target.baseUrl}/embed`, headers: credentials(target), body }, unsupported };
}

/** The texts come back with their vectors; the client has them. */
const KNOWN = new Set(["embeddings", "texts", "response_type"]);

/** Source: https://docs.cohere.com/reference/embed */
export function readEmbeddings(json: unknown, model: string): EmbeddingList {
  const answer = requireObject(json);
  const vectors = objectOf(answer["embeddings"])["float"];
  if (!Array.isArray(vectors)) throw new FieldMismatch("a list").under("embeddings.float");
  const promptTokens = countOf(objectOf(objectOf(answer["meta"])["billed_units"])["input_tokens"]);
  return {
    object: "list",
    data: vectors.map(toEmbedding),
    model,
    usage: promptTokens === undefined ? undefined : textUsage(promptTokens),
    extra: unknownFields(answer, KNOWN),
  };
}

function textUsage(promptTokens: bigint): NonNullable<EmbeddingList["usage"]> {
  return { promptTokens, totalTokens: promptTokens, promptTokensDetails: undefined, completionTokensDetails: undefined, extra: {} };
}

function toEmbedding(values: unknown, index: number): Embedding {
  const isVector = Array.isArray(values) && values.every((value) => typeof value === "number");
  if (!isVector) throw new FieldMismatch("a list of numbers").under(`embeddings.float[${index}]`);
  return { object: "embedding", index, embedding: { $case: "floats", value: { values } }, extra: {} };
}
