import { type ChatCompletion, type ChatMessage, ChatDelta, type ModelResponse, type Receipt } from "@alfred/contracts";
import { type AnswerHead, EventWriter } from "./event-writer.ts";

/** A whole answer in the form of Responses, as a stream of it would have ended: the first choice, since one is all that is asked for. */
export function toResponse(completion: ChatCompletion, receipt: Receipt, head: AnswerHead): ModelResponse {
  const writer = new EventWriter(head);
  const [choice] = completion.choices;
  const choices = choice === undefined ? [] : [{ ...choice, index: 0, delta: choice.message && toDelta(choice.message) }];
  writer.push({ ...completion, choices, usage: undefined, alfred: undefined });
  const last = writer.end(completion.usage, receipt).at(-1);
  if (last?.response === undefined) throw new TypeError("An answer that began has an end.");
  return last.response;
}

function toDelta({ role, content, refusal, reasoningContent, toolCalls, extra }: ChatMessage): ChatDelta {
  const text = content?.$case === "parts" ? content.value.values.map((part) => part.text ?? "").join("") : content?.value;
  return ChatDelta.create({ role, content: text, refusal, reasoningContent, toolCalls, extra });
}
