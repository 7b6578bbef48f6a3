import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, DialectParts, Endpoint, SimDialect } from "../../dialect.ts";
import { parseBody } from "../../json-fields.ts";
import { readForm } from "../../form-fields.ts";
import { fixedEndpoint } from "../../fixed-endpoint.ts";
import { SimError } from "../../sim-error.ts";
import { keptEndpoints } from "../../kept/kept.ts";
import { decodeUriPart } from "../../uri-part.ts";
import { chatCompletionJson } from "./chat-completion.ts";
import { readChatRequest } from "./chat-request.ts";
import { chatFrames } from "./chat-stream.ts";
import { completionsEndpoint } from "./completions.ts";
import { embeddingsEndpoint } from "./embeddings-endpoint.ts";
import { writeError } from "./errors.ts";
import { answerHeaders } from "./headers.ts";
import { transcriptionsEndpoint, translationsEndpoint } from "./hearing.ts";
import { imageFilesEndpoint, imagesEndpoint } from "./images.ts";
import { modelJson, modelListJson } from "./models.ts";
import { moderationsEndpoint } from "./moderations.ts";
import { ResponseStore } from "./response-store.ts";
import { responsesEndpoint } from "./responses.ts";
import { speechEndpoint } from "./speech.ts";
import { storedResponses } from "./stored-responses.ts";

const MODELS = "/v1/models";
/** What can be asked for in a batch. */
const BATCHED = ["/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions", "/v1/moderations"];

/** OpenAI's API: chats, responses, completions of texts, embeddings, images, speech, moderations, files, batches and models. Source: https://platform.openai.com/docs/api-reference */
export function createOpenAiDialect({ models }: DialectParts): SimDialect {
  const store = new ResponseStore();
  const stored = storedResponses(store);
  const posts: Readonly<Record<string, Endpoint>> = {
    "/v1/chat/completions": chatEndpoint({
      read: ({ body }) => readChatRequest(parseBody(body)),
      whole: chatCompletionJson,
      frames: chatFrames,
    }),
    "/v1/completions": completionsEndpoint(({ body }) => parseBody(body)),
    "/v1/responses": responsesEndpoint(({ body }) => parseBody(body), store),
    "/v1/embeddings": embeddingsEndpoint(),
    "/v1/images/generations": imagesEndpoint(({ body }) => parseBody(body)),
    "/v1/images/edits": imageFilesEndpoint("image_edits", readForm),
    "/v1/images/variations": imageFilesEndpoint("image_variations", readForm),
    "/v1/audio/speech": speechEndpoint(({ body }) => parseBody(body)),
    "/v1/audio/transcriptions": transcriptionsEndpoint({ read: readForm }),
    "/v1/audio/translations": translationsEndpoint({ read: readForm }),
    "/v1/moderations": moderationsEndpoint({ read: ({ body }) => parseBody(body) }),
  };
  const kept = keptEndpoints(Object.fromEntries(BATCHED.map((path) => [path, posts[path] as Endpoint])));
  return {
    name: "openai",
    mount: "",
    done: "[DONE]",
    brokenFrame: `{"id":"chatcmpl-sim","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"bro`,
    route: (call) => kept(call.method, call.path.replace(/^\/v1/, "")) ?? stored(call) ?? route(call, posts, models),
    admit: checkBearer,
    headers: answerHeaders,
    writeError,
    errorFrame: (error) => writeError(error).json,
  };
}

function route({ method, path }: Call, posts: Readonly<Record<string, Endpoint>>, models: readonly string[] | undefined): Endpoint {
  const post = posts[path];
  const isModels = path === MODELS || path.startsWith(`${MODELS}/`);
  if (post === undefined && !isModels) throw notFound(method, path);
  if (method !== (isModels ? "GET" : "POST")) throw notAllowed(method, path, isModels ? "GET" : "POST");
  if (post !== undefined) return post;
  if (path === MODELS) return fixedEndpoint("models", null, modelListJson(models));
  const id = decodeUriPart(path.slice(MODELS.length + 1));
  return fixedEndpoint("model", id, modelJson(id));
}

function notFound(method: string, path: string): SimError {
  return new SimError(404, "path", { message: `Invalid URL (${method} ${path})`, code: "unknown_url" });
}

function notAllowed(method: string, path: string, allowed: string): SimError {
  const message = `Not allowed to ${method} on ${path}.`;
  return new SimError(405, "method", { message, code: "method_not_supported", headers: { Allow: allowed } });
}

/** Wants one of the keys as a bearer token. @throws SimError 401 */
function checkBearer({ headers }: Call, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (key === undefined) throw new SimError(401, "key_missing", { message: "You did not provide an API key." });
  if (keys.has(key)) return;
  throw new SimError(401, "key_wrong", { message: `Incorrect API key provided: ***${key.slice(-4)}.`, code: "invalid_api_key" });
}
