import * as contract from "@alfred/contracts";
import { FieldMismatch, bigInteger, flag, integer, list, rawJson, readItems, text, type Field } from "./field.ts";
import { isObject } from "./json.ts";
import { object } from "./object.ts";

const imageUrl = object(contract.ImageUrl, { url: text, detail: text });
const inputAudio = object(contract.InputAudio, { data: text, format: text });
const inputFile = object(contract.InputFile, { fileId: text, filename: text, fileData: text });

export const contentPart = object(contract.ContentPart, {
  type: text,
  text,
  imageUrl,
  inputAudio,
  file: inputFile,
  refusal: text,
});

/** A string, or a list of parts, which may be empty. */
const content: Field<NonNullable<contract.ChatMessage["content"]>> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "text", value: json };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list of content parts");
    return { $case: "parts", value: { values: readItems(json, contentPart, strict) } };
  },
  write: (value) =>
    value.$case === "text" ? value.value : value.value.values.map((part) => contentPart.write(part)),
};

const functionCall = object(contract.FunctionCall, { name: text, arguments: text });

/** A tool call, whole or in pieces. */
export const toolCall = object(contract.ToolCall, { index: integer, id: text, type: text, function: functionCall });

/** A message, sent or answered. */
export const chatMessage = object(contract.ChatMessage, {
  role: text,
  content,
  name: text,
  refusal: text,
  toolCalls: list(toolCall),
  toolCallId: text,
  reasoningContent: text,
});

const functionTool = object(contract.FunctionTool, {
  name: text,
  description: text,
  parameters: rawJson,
  strict: flag,
});

/** A tool on offer. */
export const tool = object(contract.Tool, { type: text, function: functionTool });

/** "auto", "none", "required", or an object that names tools. */
export const toolChoice: Field<contract.ToolChoice> = {
  read(json) {
    if (typeof json === "string") return { choice: { $case: "mode", value: json } };
    return { choice: { $case: "object", value: JSON.stringify(json) } };
  },
  write: ({ choice }) => (choice?.$case === "object" ? rawJson.write(choice.value) : choice?.value),
};

const jsonSchema = object(contract.JsonSchema, { name: text, description: text, schema: rawJson, strict: flag });

/** The form that an answer shall have. */
export const responseFormat = object(contract.ResponseFormat, { type: text, jsonSchema });

const promptTokensDetails = object(contract.PromptTokensDetails, {
  cachedTokens: bigInteger,
  audioTokens: bigInteger,
});

const completionTokensDetails = object(contract.CompletionTokensDetails, {
  reasoningTokens: bigInteger,
  audioTokens: bigInteger,
  acceptedPredictionTokens: bigInteger,
  rejectedPredictionTokens: bigInteger,
});

const usageCounts = object(contract.TokenUsage, {
  promptTokens: bigInteger,
  completionTokens: bigInteger,
  totalTokens: bigInteger,
  promptTokensDetails,
  completionTokensDetails,
});

/**
 * Tokens, of a chat or of embeddings. Without a count of the prompt it is no report: what is not told is not nothing. A
 * sum that is not told is that of the counts.
 */
export const tokenUsage: Field<contract.TokenUsage> = {
  ...usageCounts,
  read(json, strict) {
    if (isObject(json)) bigInteger.read(json["prompt_tokens"], strict);
    const usage = usageCounts.read(json, strict);
    const isSummed = isObject(json) && json["total_tokens"] !== undefined && usage.extra["total_tokens"] === undefined;
    return isSummed ? usage : { ...usage, totalTokens: usage.promptTokens + (usage.completionTokens ?? 0n) };
  },
};
