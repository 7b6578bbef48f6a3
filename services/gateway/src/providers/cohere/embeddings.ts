import type { Embedding, EmbeddingList, EmbeddingRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { FieldMismatch } from "@alfred/openai";
import type { Mapped, Target } from "../dialect.ts";
import { countOf, defined, objectOf, requireObject, sentFields, unknownFields } from "../loose-json.ts";
import { credentials } from "./request.ts";

/** Most texts of one call. Source: https://docs.cohere.com/reference/embed */
const MAX_TEXTS = 96;

/**
 * Vectors come as numbers: who asks for base64 gets it from them. Texts are embedded to be found, unless the client sends
 * Cohere's `input_type`.
 *
 * @throws AlfredError INVALID_ARGUMENT for token ids, which no other model's tokenizer knows, and for too many texts
 */
export function embed(request: EmbeddingRequest, target: Target): Mapped {
  const body = defined({
    input_type: "search_document",
    ...sentFields(request.extra),
    model: target.model,
    texts: toTexts(request.input),
    embedding_types: ["float"],
    output_dimension: request.dimensions,
  });
  return { request: { url: `${target.baseUrl}/embed`, headers: credentials(target), body }, unsupported: [] };
}

function toTexts(input: EmbeddingRequest["input"]): readonly string[] {
  const metadata = { field: "input" };
  if (input?.$case === "text") return [input.value];
  if (input?.$case !== "texts") throw fail("INVALID_ARGUMENT", "Cohere embeds text, not token ids.", { metadata });
  const texts = input.value.values;
  if (texts.length <= MAX_TEXTS) return texts;
  throw fail("INVALID_ARGUMENT", `Cohere embeds at most ${MAX_TEXTS} texts per request.`, { metadata });
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
