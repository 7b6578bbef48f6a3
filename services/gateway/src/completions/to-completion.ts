import type { ChatChoice, ChatCompletion, ChatCompletionChunk, ChatMessage, ChunkChoice, Completion, CompletionChoice } from "@alfred/contracts";

/** A whole answer as what continues the text. */
export function toCompletion({ id, created, model, choices, usage, systemFingerprint, extra }: ChatCompletion): Completion {
  return { id, object: "text_completion", created, model, choices: choices.map(toChoice), usage, systemFingerprint, alfred: undefined, extra };
}

/** A piece of an answer; undefined where it adds nothing that this form has a place for. */
export function toPiece({ id, created, model, choices, usage, systemFingerprint, alfred, extra }: ChatCompletionChunk): Completion | undefined {
  const told = choices.map(toPieceChoice).filter((choice) => choice.text !== "" || choice.finishReason !== undefined || choice.logprobs !== undefined);
  if (told.length === 0 && usage === undefined) return undefined;
  return { id, object: "text_completion", created, model, choices: told, usage, systemFingerprint, alfred, extra };
}

function toChoice({ index, message, finishReason, logprobs, extra }: ChatChoice): CompletionChoice {
  return { text: message === undefined ? "" : saidBy(message), index, logprobs, finishReason, extra };
}

function toPieceChoice({ index, delta, finishReason, logprobs, extra }: ChunkChoice): CompletionChoice {
  return { text: delta?.content ?? delta?.refusal ?? "", index, logprobs, finishReason, extra };
}

/** What a message says, a refusal included, as one text. */
function saidBy({ content, refusal }: Pick<ChatMessage, "content" | "refusal">): string {
  if (content?.$case === "text" && content.value !== "") return content.value;
  if (content?.$case === "parts") return content.value.values.map(({ text, refusal: refused }) => text ?? refused ?? "").join("");
  return refusal ?? "";
}
