import { ChatRequest, ChatMessage, type CompletionRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";

/** A text to continue as a chat, and what no chat has a place for. */
export interface AsChat {
  readonly chat: ChatRequest;
  /** Fields by the client's names. */
  readonly unsupported: readonly string[];
}

/**
 * The chat in which the text is all that the user says. Its answer is as long as the model likes where no limit is named:
 * the 16 tokens of old are the models' for completions, not the form's.
 *
 * @throws AlfredError INVALID_ARGUMENT where there is no one text to say
 */
export function toChat(completion: CompletionRequest): AsChat {
  const { model, frequencyPenalty, logitBias, maxTokens, n, presencePenalty, seed, stop, streamOptions, temperature, topP, user, extra } = completion;
  const message = ChatMessage.create({ role: "user", content: { $case: "text", value: promptOf(completion) } });
  const chat = ChatRequest.create({
    model, messages: [message], frequencyPenalty, logitBias, maxTokens, n, presencePenalty, seed, stop, streamOptions, temperature, topP, user, extra,
  });
  return { chat, unsupported: unsupportedBy(completion) };
}

/** One text; a list of one is one, too. */
function promptOf({ prompt }: CompletionRequest): string {
  if (prompt?.$case === "text") return prompt.value;
  const [text, ...others] = prompt?.$case === "texts" ? prompt.value.values : [];
  if (text !== undefined && others.length === 0) return text;
  throw fail("INVALID_ARGUMENT", "`prompt` must be one text for this model: it is asked by way of a chat.", {
    hint: "Send the texts one by one, as strings.", metadata: { field: "prompt" },
  });
}

function unsupportedBy({ bestOf, n, echo, logprobs, suffix }: CompletionRequest): string[] {
  const fields: readonly (readonly [string, boolean])[] = [
    ["best_of", bestOf !== undefined && bestOf !== (n ?? 1)],
    ["echo", echo === true],
    ["logprobs", logprobs !== undefined],
    ["suffix", suffix !== undefined && suffix !== ""],
  ];
  return fields.filter(([, isAsked]) => isAsked).map(([field]) => field);
}
