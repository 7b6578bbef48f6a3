import type { ChatRequest } from "@alfred/contracts";
import { defined, parseRaw, type Json } from "../loose-json.ts";
import { thinkingConfig } from "./thinking.ts";

const MOST_INT32 = 2n ** 31n - 1n;

/** Gemini's `generationConfig`. Source: https://ai.google.dev/api/generate-content#generationconfig */
export function generationConfig(request: ChatRequest, model: string, unsupported: string[]): Json {
  const wantsLogprobs = request.logprobs === true;
  return defined({
    temperature: request.temperature,
    topP: request.topP,
    candidateCount: request.n,
    stopSequences: stopSequences(request.stop),
    maxOutputTokens: request.maxCompletionTokens ?? request.maxTokens,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    responseLogprobs: wantsLogprobs || undefined,
    // None besides the chosen one is what it gives without the field.
    logprobs: wantsLogprobs ? request.topLogprobs || undefined : undefined,
    seed: seed(request.seed, unsupported),
    responseModalities: responseModalities(request.modalities),
    ...responseFormat(request.responseFormat, unsupported),
    thinkingConfig: thinkingConfig(request.reasoningEffort, model, unsupported),
  });
}

function stopSequences(stop: ChatRequest["stop"]): string[] | undefined {
  return stop?.$case === "stopText" ? [stop.value] : stop?.value.values;
}

/** Gemini's seed has 32 bits. */
function seed(value: bigint | undefined, unsupported: string[]): number | undefined {
  if (value === undefined) return undefined;
  if (value <= MOST_INT32 && value >= -MOST_INT32 - 1n) return Number(value);
  unsupported.push("seed");
  return undefined;
}

function responseModalities(modalities: readonly string[]): string[] | undefined {
  const isTextOnly = modalities.every((modality) => modality === "text");
  return isTextOnly ? undefined : modalities.map((modality) => modality.toUpperCase());
}

function responseFormat(format: ChatRequest["responseFormat"], unsupported: string[]): Json {
  if (format === undefined || format.type === "text") return {};
  if (format.type === "json_object") return { responseMimeType: "application/json" };
  if (format.type !== "json_schema") {
    unsupported.push("response_format");
    return {};
  }
  const schema = format.jsonSchema?.schema;
  const responseJsonSchema = schema === undefined ? undefined : parseRaw(schema, "response_format.json_schema.schema");
  return { responseMimeType: "application/json", responseJsonSchema };
}
