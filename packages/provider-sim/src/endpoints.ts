import type { Behaviour } from "./behaviour.ts";
import { BoundedMap } from "./bounded-map.ts";
import { answerChat } from "./chat-answer.ts";
import type { AnswerStamp } from "./chat-answer.ts";
import { chatCompletionJson } from "./chat-completion.ts";
import { lastUserText } from "./chat-message.ts";
import { readChatRequest } from "./chat-request.ts";
import { chatFrames } from "./chat-stream.ts";
import { embeddingTokens, embeddingsJson, readEmbeddingRequest, VectorCache } from "./embeddings.ts";
import { parseBody } from "./json-fields.ts";
import type { SimMetrics } from "./metrics.ts";
import { modelJson, modelListJson } from "./models.ts";
import { SimError } from "./sim-error.ts";

/** An answer before faults: one JSON body, or the JSON of a stream's frames. */
type Answer =
  | { readonly kind: "body"; readonly json: string }
  | { readonly kind: "stream"; readonly frames: Iterable<string> };

/** A valid request, ready to be answered. */
interface Prepared {
  readonly model: string | null;
  readonly stream: boolean;
  /** The text in which directives are looked for. */
  readonly text: string;
  answer(behaviour: Behaviour, stamp: AnswerStamp): Answer;
}

/** One of OpenAI's endpoints. */
interface Endpoint {
  /** The name under which metrics count it. */
  readonly name: string;
  /** Validates a request; throws a `SimError` for what OpenAI would refuse. */
  prepare(body: string): Prepared;
}

/** Finds the endpoint of a method and path, or throws the 404 or 405 that OpenAI answers with. */
export type Router = (method: string, path: string) => Endpoint;

const MODELS = "/v1/models";

const REMEMBERED_BODIES = 64;
const REMEMBERED_BODY_CHARACTERS = 16 * 1024;

/** The four endpoints, over one set of models. */
export function createRouter(models: readonly string[] | undefined, metrics: SimMetrics): Router {
  const posts: Readonly<Record<string, Endpoint>> = {
    "/v1/chat/completions": chatEndpoint(models, metrics),
    "/v1/embeddings": embeddingsEndpoint(models, metrics),
  };
  return (method, path) => {
    const post = posts[path];
    const isModels = path === MODELS || path.startsWith(`${MODELS}/`);
    if (post === undefined && !isModels) throw notFound(method, path);
    if (method !== (isModels ? "GET" : "POST")) throw notAllowed(method, path, isModels ? "GET" : "POST");
    if (post !== undefined) return post;
    return path === MODELS ? modelListEndpoint(models) : modelEndpoint(models, path.slice(MODELS.length + 1));
  };
}

function chatEndpoint(models: readonly string[] | undefined, metrics: SimMetrics): Endpoint {
  return {
    name: "chat",
    prepare: remembered((body) => {
      const request = readChatRequest(parseBody(body));
      requireModel(models, request.model);
      const { model, stream } = request;
      const answer = (behaviour: Behaviour, stamp: AnswerStamp): Answer => {
        const said = answerChat(request, behaviour, stamp);
        if (said.usage !== null) metrics.tokens(said.usage.prompt, said.usage.completion);
        if (stream) return { kind: "stream", frames: chatFrames(request, said) };
        return { kind: "body", json: chatCompletionJson(request, said) };
      };
      return { model, stream, text: lastUserText(request.messages), answer };
    }),
  };
}

/** Load tests send the same body over and over, and what is prepared for it depends on nothing else: it is prepared once. */
function remembered(prepare: Endpoint["prepare"]): Endpoint["prepare"] {
  const known = new BoundedMap<Prepared>(REMEMBERED_BODIES);
  return (body) => {
    if (body.length > REMEMBERED_BODY_CHARACTERS) return prepare(body);
    const before = known.get(body);
    if (before !== undefined) return before;
    const prepared = prepare(body);
    known.set(body, prepared);
    return prepared;
  };
}

function embeddingsEndpoint(models: readonly string[] | undefined, metrics: SimMetrics): Endpoint {
  const vectors = new VectorCache();
  return {
    name: "embeddings",
    prepare(body) {
      const request = readEmbeddingRequest(parseBody(body));
      requireModel(models, request.model);
      const answer = ({ noUsage }: Behaviour): Answer => {
        const tokens = embeddingTokens(request);
        metrics.tokens(tokens, 0);
        return { kind: "body", json: embeddingsJson(request, vectors, noUsage ? null : tokens) };
      };
      return { model: request.model, stream: false, text: request.inputs[0]?.text ?? "", answer };
    },
  };
}

function modelListEndpoint(models: readonly string[] | undefined): Endpoint {
  return fixedEndpoint("models", null, () => modelListJson(models));
}

function modelEndpoint(models: readonly string[] | undefined, encodedId: string): Endpoint {
  const id = decoded(encodedId);
  return fixedEndpoint("model", id, () => {
    requireModel(models, id);
    return modelJson(id);
  });
}

function fixedEndpoint(name: string, model: string | null, json: () => string): Endpoint {
  return {
    name,
    prepare: () => {
      const body = json();
      return { model, stream: false, text: "", answer: () => ({ kind: "body", json: body }) };
    },
  };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function requireModel(models: readonly string[] | undefined, model: string): void {
  if (models === undefined || models.includes(model)) return;
  const message = `The model '${model}' does not exist or you do not have access to it.`;
  throw new SimError(404, { message, type: "invalid_request_error", param: null, code: "model_not_found" });
}

function notFound(method: string, path: string): SimError {
  const message = `Invalid URL (${method} ${path})`;
  return new SimError(404, { message, type: "invalid_request_error", param: null, code: "unknown_url" });
}

function notAllowed(method: string, path: string, allowed: string): SimError {
  const message = `Not allowed to ${method} on ${path}.`;
  const body = { message, type: "invalid_request_error", param: null, code: "method_not_supported" };
  return new SimError(405, body, { Allow: allowed });
}
