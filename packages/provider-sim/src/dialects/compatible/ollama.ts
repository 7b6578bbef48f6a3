import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import type { ChatUsage } from "../../usage.ts";
import { modelListJson } from "../openai/models.ts";
import { commonFields, messagesOf, partsOf } from "./chat-request.ts";
import type { CompatibleRow } from "./row.ts";

/**
 * Ollama asks for no key, ignores what it does not know (which tool to call, and how many choices, among it), takes
 * pictures only as data, repeats the role in every chunk, and calls tools whole.
 *
 * Sources: https://docs.ollama.com/api/openai-compatibility, https://github.com/ollama/ollama/tree/main/openai
 */
export const ollama: CompatibleRow = {
  name: "ollama",
  bases: ["/v1"],
  done: "[DONE]",
  takesNoKey: true,
  request: {
    read(body) {
      checkImages(body);
      const { tool_choice: _, ...read } = commonFields(body, "stream_options");
      return read;
    },
  },
  answer: {
    id: ({ sequence }) => `chatcmpl-${sequence}`,
    head: () => ({ system_fingerprint: "fp_ollama" }),
    tellsUsageWhenAsked: true,
    reasoning: () => "reasoning",
    usage: usageObject,
    callId: (id) => `call_sim${id}`,
    wholeCalls: "each",
    numbersCalls: true,
    silence: "",
    repeatsRole: true,
  },
  errors: {
    noModel: (model) => ({ status: 404, message: `model '${model}' not found` }),
    words: {
      path: { message: "404 page not found", type: "not_found_error", code: null },
      400: { message: "refused on demand", type: "invalid_request_error", code: null },
      404: { message: "model not found", type: "not_found_error", code: null },
      500: { message: "the model failed", type: "api_error", code: null },
      503: { message: "server busy, please try again. maximum pending requests exceeded", type: "api_error", code: null },
    },
    form: ({ message, type, code }, { status }) => {
      const ownType = status === 400 ? "invalid_request_error" : status === 404 ? "not_found_error" : "api_error";
      return { error: { message, type: type === "not_found_error" ? type : ownType, param: null, code } };
    },
  },
  models: modelListJson,
  embeddings: {},
};

function checkImages(body: JsonObject): void {
  for (const { message } of messagesOf(body)) {
    for (const { type, image_url: image } of partsOf(message)) {
      if (type === "text") continue;
      if (type !== "image_url") throw invalidRequest("invalid message format");
      const url = isObject(image) ? image["url"] : image;
      if (typeof url !== "string" || !/^data:(image\/(jpeg|jpg|png|webp))?;base64,/.test(url)) throw invalidRequest("invalid image input");
    }
  }
}

function usageObject({ prompt, completion }: ChatUsage): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
