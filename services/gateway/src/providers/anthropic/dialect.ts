import type { Dialect, Target } from "../dialect.ts";
import type { MessageRequest } from "@alfred/contracts";
import { answerLimit } from "./answer-limit.ts";
import { readAnswer } from "./answer.ts";
import { readRefusal } from "./refusal.ts";
import { writeMessage } from "./message.ts";
import { writeRequest } from "./request.ts";
import { AnswerStream } from "./stream.ts";

/** The version of the API that this is written after. Source: https://platform.claude.com/docs/en/api/versioning */
const VERSION = "2023-06-01";

/**
 * Anthropic's Messages API. A chat has to come with a limit in `max_completion_tokens` or `max_tokens`, since the API takes
 * none without; whoever plans a chat sets one where the client did not.
 *
 * In `extra` of a message: `thinking_blocks`, thoughts with their signatures, to be sent back with the message as they are;
 * `annotations`, what it cites; `content_blocks`, in place of the thoughts, all that an answer was made of where OpenAI's
 * message does not keep its order or has no place for a part of it. Sent back, they count for the whole message.
 */
export const anthropic: Dialect = {
  chat(chat, target, streamed) {
    const { body, unsupported } = writeRequest(chat, { model: target.model, streamed });
    return { request: { url: urlOf(target), headers: headersOf(target), body }, unsupported };
  },
  messages: {
    request(message, target, streamed) {
      const { body, unsupported } = writeMessage(message, { model: target.model, stream: streamed });
      return { request: { url: urlOf(target), headers: ownHeaders(message, target), body }, unsupported };
    },
    count(message, target) {
      const { body: { max_tokens: _limit, ...body }, unsupported } = writeMessage(message, { model: target.model, stream: false });
      return { request: { url: `${urlOf(target)}/count_tokens`, headers: ownHeaders(message, target), body }, unsupported };
    },
  },
  readChat: readAnswer,
  streamChat: () => new AnswerStream(),
  embeddings: undefined,
  answerLimit,
  readRefusal,
};

/** Base URLs stand with and without the version in their path: Anthropic's own clients have it without. */
function urlOf({ baseUrl }: Target): string {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1/messages`;
  return url.href;
}

/** What the client asks for by headers: its version of the API, in which its answer is to be, and what is not in every one. */
function ownHeaders({ betas, version }: MessageRequest, target: Target): Record<string, string> {
  const asked = { ...(version === "" ? {} : { "anthropic-version": version }), ...(betas.length === 0 ? {} : { "anthropic-beta": betas.join(",") }) };
  return { ...headersOf(target), ...asked };
}

function headersOf({ secret }: Target): Record<string, string> {
  return { "anthropic-version": VERSION, ...(secret === "" ? {} : { "x-api-key": secret }) };
}
