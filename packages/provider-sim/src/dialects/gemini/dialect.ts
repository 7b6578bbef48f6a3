import { chatEndpoint } from "../../chat-endpoint.ts";
import { BoundedMap } from "../../bounded-map.ts";
import type { Answer, Call, DialectParts, Endpoint, SimDialect, Stamp } from "../../dialect.ts";
import { fixedEndpoint } from "../../fixed-endpoint.ts";
import { SimError } from "../../sim-error.ts";
import { decodeUriPart } from "../../uri-part.ts";
import { VectorCache } from "../../vectors.ts";
import { embeddingEndpoint } from "./embeddings.ts";
import { errorFrame, writeError } from "./errors.ts";
import { generateFrames, generateJson } from "./generate.ts";
import { modelObject, modelPageJson } from "./models.ts";
import { readGenerateRequest } from "./request.ts";

/** `/v1beta/models/gemini-2.5-flash:generateContent`: the model and the method. */
const MODEL_PATH = /^\/v1(?:beta|alpha)?\/models\/([^/:]+)(?::(\w+))?$/;
const MODELS_PATH = /^\/v1(?:beta|alpha)?\/models$/;

/** Endpoints are made by model; as many are kept. */
const KEPT_MODELS = 64;

/** The Gemini API: generateContent, streamGenerateContent, embedContent, batchEmbedContents and models. Source: https://ai.google.dev/api */
export function createGeminiDialect({ models }: DialectParts): SimDialect {
  const vectors = new VectorCache();
  const kept = new BoundedMap<Endpoint>(KEPT_MODELS);
  return {
    name: "gemini",
    mount: "/gemini",
    done: undefined,
    brokenFrame: `{"candidates":[{"content":{"parts":[{"text":"bro`,
    route(call) {
      if (MODELS_PATH.test(call.path) && call.method === "GET") return fixedEndpoint("models", null, modelPageJson(models));
      const [, encoded, method] = MODEL_PATH.exec(call.path) ?? [];
      if (encoded === undefined) throw notFound();
      const model = decodeUriPart(encoded);
      if (method === undefined && call.method === "GET") return fixedEndpoint("model", model, JSON.stringify(modelObject(model)));
      if (method === undefined || call.method !== "POST") throw notFound();
      const key = `${method} ${isEventStream(call)} ${model}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const endpoint = endpointOf(method, model, isEventStream(call), vectors);
      kept.set(key, endpoint);
      return endpoint;
    },
    admit,
    headers: answerHeaders,
    writeError,
    errorFrame,
  };
}

function isEventStream({ search }: Call): boolean {
  return new URLSearchParams(search).get("alt") === "sse";
}

function endpointOf(method: string, model: string, isSse: boolean, vectors: VectorCache): Endpoint {
  switch (method) {
    case "generateContent":
      return generateEndpoint(model, false);
    case "streamGenerateContent":
      return isSse ? generateEndpoint(model, true) : listed(generateEndpoint(model, true));
    case "embedContent":
      return embeddingEndpoint(model, false, vectors);
    case "batchEmbedContents":
      return embeddingEndpoint(model, true, vectors);
    default:
      throw notFound();
  }
}

function generateEndpoint(model: string, stream: boolean): Endpoint {
  return chatEndpoint({
    read: (call) => readGenerateRequest(call, model, stream),
    whole: generateJson,
    frames: generateFrames,
  });
}

/** Without `alt=sse` a stream is one list of its frames, which the simulator sends whole. */
function listed({ name, prepare }: Endpoint): Endpoint {
  return {
    name,
    prepare(call) {
      const prepared = prepare(call);
      const answer: typeof prepared.answer = (behaviour, stamp) => asList(prepared.answer(behaviour, stamp));
      return { ...prepared, stream: false, answer };
    },
  };
}

function asList(answer: Answer): Answer {
  if (answer.kind !== "stream") return answer;
  const { spent } = answer;
  const frames = [...answer.frames].filter((frame) => typeof frame === "string");
  return { kind: "body", json: `[${frames.join(",\n")}]`, ...(spent === undefined ? {} : { spent }) };
}

function notFound(): SimError {
  return new SimError(404, "path", { message: "Requested entity was not found." });
}

/** Wants a key in `x-goog-api-key` or in the query. Source: https://ai.google.dev/gemini-api/docs/api-key. @throws SimError */
function admit({ headers, search }: Call, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const key = headers["x-goog-api-key"] ?? new URLSearchParams(search).get("key");
  if (key === null) {
    const message = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";
    throw new SimError(403, "key_missing", { message });
  }
  if (!keys.has(String(key))) throw new SimError(400, "key_wrong", { message: "API key not valid. Please pass a valid API key." });
}

function answerHeaders({ startedAtMs, nowMs }: Stamp): Record<string, string> {
  return { "server-timing": `gfet4t7; dur=${nowMs - startedAtMs}`, "x-content-type-options": "nosniff" };
}
