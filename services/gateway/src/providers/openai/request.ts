import type { ChatRequest } from "@alfred/contracts";
import { isObject, writeChatRequest } from "@alfred/openai";

/**
 * The body of a chat in OpenAI's form. Of a stream the usage is always asked, which is the only exact measure of it.
 *
 * @throws SyntaxError where a field that carries raw JSON is not JSON
 */
export function writeChat(chat: ChatRequest, model: string, streamed: boolean): Record<string, unknown> {
  const json = writeChatRequest(chat, { model, stream: streamed });
  if (!streamed) {
    delete json["stream"];
    return json;
  }
  const options = json["stream_options"];
  json["stream_options"] = { ...(isObject(options) ? options : {}), include_usage: true };
  return json;
}
