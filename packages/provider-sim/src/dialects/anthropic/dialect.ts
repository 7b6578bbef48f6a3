import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, DialectParts, Endpoint, SimDialect, Stamp } from "../../dialect.ts";
import { fixedEndpoint } from "../../fixed-endpoint.ts";
import { SimError } from "../../sim-error.ts";
import { decodeUriPart } from "../../uri-part.ts";
import { checkVersion, editionOf } from "./edition.ts";
import type { Edition } from "./edition.ts";
import { errorFrame, writeError } from "./errors.ts";
import { messageFrames, messageJson } from "./message.ts";
import { modelObject, modelPageJson } from "./models.ts";
import { messagesBody } from "./request-shape.ts";
import { countRequest, readMessagesRequest } from "./request.ts";

const MESSAGES = "/v1/messages";
const COUNT = "/v1/messages/count_tokens";
const MODELS = "/v1/models";

/** Anthropic's Messages API and its list of models. Source: https://platform.claude.com/docs/en/api/overview */
export function createAnthropicDialect({ models }: DialectParts): SimDialect {
  const plain = messagesEndpoints(false);
  const beta = messagesEndpoints(true);
  return {
    name: "anthropic",
    mount: "/anthropic",
    done: undefined,
    brokenFrame: { event: "content_block_delta", data: `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"bro` },
    route(call) {
      const { method, path } = call;
      if (path === MESSAGES && method === "POST") {
        const { isLatest, hasBeta } = editionOf(call);
        const endpoints = hasBeta ? beta : plain;
        return isLatest ? endpoints.latest : endpoints.former;
      }
      if (path === COUNT && method === "POST") return countEndpoint(editionOf(call));
      if (path === MODELS && method === "GET") return fixedEndpoint("models", null, modelPageJson(models));
      if (path.startsWith(`${MODELS}/`) && method === "GET") {
        const id = decodeUriPart(path.slice(MODELS.length + 1));
        return fixedEndpoint("model", id, JSON.stringify(modelObject(id)));
      }
      if (path === MESSAGES || path === COUNT || path === MODELS) throw new SimError(405, "method", { message: "Method Not Allowed" });
      throw new SimError(404, "path", { message: "Not found" });
    },
    admit,
    headers: answerHeaders,
    writeError,
    errorFrame,
  };
}

/** What is prepared of a body depends on the version and the betas that it is sent with. */
function messagesEndpoints(hasBeta: boolean): { readonly latest: Endpoint; readonly former: Endpoint } {
  return { latest: messagesEndpoint({ isLatest: true, hasBeta }), former: messagesEndpoint({ isLatest: false, hasBeta }) };
}

function messagesEndpoint(edition: Edition): Endpoint {
  const shape = messagesBody(edition);
  return chatEndpoint({
    read: ({ body }) => readMessagesRequest(body, shape, edition),
    whole: messageJson,
    frames: messageFrames,
  });
}

/** Source: https://platform.claude.com/docs/en/api/messages-count-tokens */
function countEndpoint(edition: Edition): Endpoint {
  const shape = messagesBody(edition);
  return {
    name: "count_tokens",
    prepare({ body }) {
      const { model, userText: text, promptTokens } = countRequest(body, shape, edition);
      return { model, stream: false, text, answer: () => ({ kind: "body", json: JSON.stringify({ input_tokens: promptTokens }) }) };
    },
  };
}

/** Wants a key in `x-api-key`, and always a version. @throws SimError */
function admit(call: Call, keys: ReadonlySet<string> | undefined): void {
  const key = call.headers["x-api-key"];
  if (keys !== undefined && key === undefined) throw new SimError(401, "key_missing", { message: "x-api-key header is required" });
  if (keys !== undefined && !keys.has(String(key))) throw new SimError(401, "key_wrong", { message: "invalid x-api-key" });
  checkVersion(call);
}

/** Sources: https://platform.claude.com/docs/en/api/overview, https://platform.claude.com/docs/en/api/rate-limits */
function answerHeaders({ sequence, nowMs, rate }: Stamp): Record<string, string> {
  const headers: Record<string, string> = { "request-id": `req_sim_${sequence}`, "anthropic-organization-id": "org_sim" };
  if (rate === undefined) return headers;
  return {
    ...headers,
    "anthropic-ratelimit-requests-limit": String(rate.limit),
    "anthropic-ratelimit-requests-remaining": String(rate.remaining),
    "anthropic-ratelimit-requests-reset": new Date(nowMs + rate.resetMs).toISOString(),
  };
}
