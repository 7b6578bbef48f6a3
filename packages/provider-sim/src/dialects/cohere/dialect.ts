import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, DialectParts, Endpoint, SimDialect, Stamp } from "../../dialect.ts";
import { parseBody } from "../../json-fields.ts";
import { SimError } from "../../sim-error.ts";
import { answerId, chatJson } from "./chat-answer.ts";
import { readChatRequest } from "./chat-request.ts";
import { chatEvents } from "./chat-stream.ts";
import { embedEndpoint } from "./embeddings.ts";
import { errorFrame, writeError } from "./errors.ts";

const SHOWN_MODELS = ["sim-chat", "sim-embedding"] as const;

/** Cohere's API, version 2: chat and embed, and the models of version 1. Source: https://docs.cohere.com/reference/about */
export function createCohereDialect({ models }: DialectParts): SimDialect {
  const endpoints: Readonly<Record<string, Endpoint>> = {
    "POST /v2/chat": chatEndpoint({ read: ({ body }) => readChatRequest(parseBody(body)), whole: chatJson, frames: chatEvents }),
    "POST /v2/embed": embedEndpoint(),
    "GET /v1/models": modelsEndpoint(models ?? SHOWN_MODELS),
  };
  return {
    name: "cohere",
    mount: "/cohere",
    done: undefined,
    brokenFrame: { event: "content-delta", data: `{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"bro` },
    route: (call) => route(call, endpoints),
    admit: checkToken,
    headers,
    writeError,
    errorFrame,
  };
}

function route({ method, path }: Call, endpoints: Readonly<Record<string, Endpoint>>): Endpoint {
  const endpoint = endpoints[`${method} ${path}`];
  if (endpoint !== undefined) return endpoint;
  const isKnown = Object.keys(endpoints).some((key) => key.endsWith(` ${path}`));
  if (isKnown) throw new SimError(405, "method", { message: `method ${method} is not allowed on ${path}.` });
  throw new SimError(404, "path", { message: `${path} is not a route of this API.` });
}

function modelsEndpoint(models: readonly string[]): Endpoint {
  const json = JSON.stringify({ models: models.map((name) => ({ name, endpoints: ["chat", "embed"], finetuned: false })) });
  return { name: "models", prepare: () => ({ model: null, stream: false, text: "", answer: () => ({ kind: "body", json }) }) };
}

/** Wants one of the keys as a bearer token. @throws SimError 401 */
function checkToken({ headers: sent }: Call, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const [, key] = /^Bearer +(\S+)$/i.exec(sent.authorization ?? "") ?? [];
  if (key === undefined) throw new SimError(401, "key_missing", { message: "no api key supplied" });
  if (!keys.has(key)) throw new SimError(401, "key_wrong", { message: "invalid api token" });
}

/** A trace id, and, where calls are limited, how many are left, as trial keys are told. */
function headers(stamp: Stamp): Record<string, string> {
  const trace = { "x-debug-trace-id": answerId(stamp) };
  if (stamp.rate === undefined) return trace;
  const { limit, remaining } = stamp.rate;
  return { ...trace, "x-trial-endpoint-call-limit": String(limit), "x-trial-endpoint-call-remaining": String(remaining) };
}
