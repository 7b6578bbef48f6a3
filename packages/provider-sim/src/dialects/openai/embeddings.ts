import { optionalWhole, invalidType, invalidValue, missing, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";
import type { VectorCache } from "../../vectors.ts";

const MOST_INPUTS = 2_048;
const LARGE_DIMENSIONS = 3_072;
const DIMENSIONS = 1_536;

/** An embeddings request that OpenAI would accept. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly inputs: readonly EmbeddingInput[];
  readonly base64: boolean;
  readonly dimensions: number;
}

/** One text, or one list of token numbers under its JSON. */
interface EmbeddingInput {
  readonly text: string;
  readonly tokens: number;
}

/** Validates an embeddings request; each thing that OpenAI refuses is a 400 naming the parameter. */
export function readEmbeddingRequest(body: JsonObject): EmbeddingRequest {
  const model = requiredString(body, "model");
  const most = model.includes("large") ? LARGE_DIMENSIONS : DIMENSIONS;
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64") throw invalidValue("encoding_format", "float or base64");
  const dimensions = optionalWhole(body, "dimensions", 1, most) ?? most;
  return { model, inputs: readInputs(body["input"]), base64: format === "base64", dimensions };
}

function readInputs(input: unknown): readonly EmbeddingInput[] {
  if (input === undefined || input === null) throw missing("input");
  if (typeof input === "string") return [readText(input)];
  if (!Array.isArray(input)) throw invalidType("input", "a string or an array");
  if (input.length === 0 || input.length > MOST_INPUTS) throw invalidValue("input", `1 to ${MOST_INPUTS} items`);
  if (typeof input[0] === "number") return [readTokens(input)];
  return input.map((item: unknown) => (typeof item === "string" ? readText(item) : readTokens(item)));
}

function readText(text: string): EmbeddingInput {
  if (text === "") throw invalidRequest("'input' cannot be an empty string.", "input");
  return { text, tokens: countSimTokens(text) };
}

function readTokens(item: unknown): EmbeddingInput {
  const whole = Array.isArray(item) && item.length > 0 && item.every((token) => Number.isInteger(token) && token >= 0);
  if (!whole) throw invalidType("input", "strings or arrays of token numbers");
  return { text: JSON.stringify(item), tokens: item.length };
}

/** Tokens of all inputs together. */
export function embeddingTokens(request: EmbeddingRequest): number {
  return request.inputs.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** The answer as OpenAI's `list` of `embedding` objects; `tokens` null reports no usage. */
export function embeddingsJson(request: EmbeddingRequest, vectors: VectorCache, tokens: number | null): string {
  const data = request.inputs.map(
    ({ text }, index) => `{"object":"embedding","index":${index},"embedding":${vectors.json(text, request)}}`,
  );
  const usage = tokens === null ? "" : `,"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}`;
  return `{"object":"list","data":[${data.join(",")}],"model":${JSON.stringify(request.model)}${usage}}`;
}
