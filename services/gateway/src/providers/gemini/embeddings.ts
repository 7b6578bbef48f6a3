import type { Embedding, EmbeddingList, EmbeddingRequest } from "@alfred/contracts";
import { FieldMismatch } from "@alfred/openai";
import type { Mapped, Target } from "../dialect.ts";
import { ownEmbeddingFields, textsToEmbed } from "../embedding-input.ts";
import { countOf, defined, listOf, objectOf, requireObject, unknownFields } from "../loose-json.ts";
import { modelPath } from "./model.ts";
import { credentials } from "./request.ts";

/** Most texts of one call. Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
const MAX_TEXTS = 100;

/** What is embedded is said in OpenAI's words. */
const REFUSED = new Set(["content", "requests", "outputDimensionality", "output_dimensionality"]);

/**
 * Vectors come as numbers: who asks for base64 gets it from them. Fields that OpenAI does not know (`taskType`, `title`)
 * go with each text.
 *
 * @throws AlfredError FEATURE_UNSUPPORTED for token ids, INVALID_ARGUMENT for too many texts
 */
export function embed(request: EmbeddingRequest, target: Target): Mapped {
  const model = modelPath(target.model);
  const { fields, unsupported } = ownEmbeddingFields(request, REFUSED);
  const each = defined({ model, outputDimensionality: request.dimensions, ...fields });
  const requests = textsToEmbed(request, MAX_TEXTS).map((text) => Object.assign({ content: { parts: [{ text }] } }, each));
  const url = `${target.baseUrl}/${model}:batchEmbedContents`;
  return { request: { url, headers: credentials(target), body: { requests } }, unsupported };
}

const KNOWN = new Set(["embeddings", "usageMetadata"]);

/** Source: https://ai.google.dev/api/embeddings#response-body_1 */
export function readEmbeddings(json: unknown, model: string): EmbeddingList {
  const answer = requireObject(json);
  if (!Array.isArray(answer["embeddings"])) throw new FieldMismatch("a list").under("embeddings");
  const promptTokens = countOf(objectOf(answer["usageMetadata"])["promptTokenCount"]);
  return {
    object: "list",
    data: listOf(answer["embeddings"]).map(toEmbedding),
    model,
    usage: promptTokens === undefined ? undefined : textUsage(promptTokens),
    extra: unknownFields(answer, KNOWN),
  };
}

function textUsage(promptTokens: bigint): NonNullable<EmbeddingList["usage"]> {
  return { promptTokens, totalTokens: promptTokens, promptTokensDetails: undefined, completionTokensDetails: undefined, extra: {} };
}

function toEmbedding(json: unknown, index: number): Embedding {
  const values = objectOf(json)["values"];
  const isVector = Array.isArray(values) && values.every((value) => typeof value === "number");
  if (!isVector) throw new FieldMismatch("a list of numbers").under("values").under(`embeddings[${index}]`);
  return { object: "embedding", index, embedding: { $case: "floats", value: { values } }, extra: {} };
}
