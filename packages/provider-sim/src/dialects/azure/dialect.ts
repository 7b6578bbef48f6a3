import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, DialectParts, Endpoint, SimDialect, Stamp } from "../../dialect.ts";
import { type Form, readForm } from "../../form-fields.ts";
import { fixedEndpoint } from "../../fixed-endpoint.ts";
import { parseBody } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { SimError } from "../../sim-error.ts";
import { keptEndpoints } from "../../kept/kept.ts";
import type { KeptEndpoints } from "../../kept/kept.ts";
import { decodeUriPart } from "../../uri-part.ts";
import { chatCompletionJson } from "../openai/chat-completion.ts";
import { readChatRequest } from "../openai/chat-request.ts";
import { chatFrames } from "../openai/chat-stream.ts";
import { completionsEndpoint } from "../openai/completions.ts";
import { embeddingsEndpoint } from "../openai/embeddings-endpoint.ts";
import { transcriptionsEndpoint, translationsEndpoint } from "../openai/hearing.ts";
import { imageFilesEndpoint, imagesEndpoint } from "../openai/images.ts";
import { modelListJson } from "../openai/models.ts";
import { ResponseStore } from "../openai/response-store.ts";
import { responsesEndpoint } from "../openai/responses.ts";
import { speechEndpoint } from "../openai/speech.ts";
import { storedResponses } from "../openai/stored-responses.ts";
import { filteredAnswer, filteredFrames } from "./content-filter.ts";
import { writeError } from "./errors.ts";

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)(\/.+)$/;
const UNVERSIONED = /^\/openai\/v1(\/.+)$/;
/** Not among what deployments have at addresses of their own. */
const RESPONSES = "/responses";
/** What can be asked for in a batch, below `/v1` or not. Source: https://learn.microsoft.com/azure/ai-services/openai/how-to/batch */
const BATCHED = ["/chat/completions", "/embeddings", "/responses"];
const VERSION = /^\d{4}-\d{2}-\d{2}(-preview)?$/;

/**
 * Azure OpenAI: each deployment has an address of its own, where the query names a version of the API; below
 * `/openai/v1` the model stands in the body and no version is needed.
 *
 * Sources: https://learn.microsoft.com/azure/ai-services/openai/reference, https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export function createAzureDialect({ models }: DialectParts): SimDialect {
  const store = new ResponseStore();
  const stored = storedResponses(store);
  const endpoints: Readonly<Record<string, Endpoint>> = {
    "/chat/completions": chatEndpoint({
      read: (call) => readChatRequest(bodyOf(call)),
      whole: (request, answer, stamp) => filteredAnswer(chatCompletionJson(request, answer, stamp)),
      frames: (request, answer, stamp) => filteredFrames(chatFrames(request, answer, stamp)),
    }),
    "/completions": completionsEndpoint(bodyOf),
    "/embeddings": embeddingsEndpoint({ read: bodyOf }),
    "/images/generations": imagesEndpoint(bodyOf),
    "/images/edits": imageFilesEndpoint("image_edits", formOf),
    "/audio/speech": speechEndpoint(bodyOf),
    "/audio/transcriptions": transcriptionsEndpoint({ read: formOf }),
    "/audio/translations": translationsEndpoint({ read: formOf }),
    [RESPONSES]: responsesEndpoint(bodyOf, store),
  };
  const kept = keptEndpoints(Object.fromEntries(BATCHED.flatMap((path) => ["", "/v1"].map((base) => [base + path, endpoints[path] as Endpoint]))));
  const list = fixedEndpoint("models", null, modelListJson(models));
  return {
    name: "azure",
    mount: "/azure",
    done: "[DONE]",
    brokenFrame: `{"id":"chatcmpl-sim","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"bro`,
    route: (call) => keptAt(call, kept) ?? (UNVERSIONED.test(call.path) ? stored(call) : undefined) ?? route(call, endpoints, list),
    admit: checkKey,
    headers,
    writeError,
    errorFrame: (error) => writeError(error).json,
  };
}

function route(call: Call, endpoints: Readonly<Record<string, Endpoint>>, list: Endpoint): Endpoint {
  const { method, path } = call;
  const [, operation] = UNVERSIONED.exec(path) ?? [];
  const [, , versioned] = DEPLOYMENT.exec(path) ?? [];
  const isList = path === "/openai/models" || operation === "/models";
  const endpoint = isList ? list : versioned === RESPONSES ? undefined : endpoints[operation ?? versioned ?? ""];
  if (endpoint === undefined || (operation === undefined && !hasVersion(call))) throw new SimError(404, "path");
  if (method === (isList ? "GET" : "POST")) return endpoint;
  throw new SimError(405, "method", { headers: { Allow: isList ? "GET" : "POST" } });
}

/** Files and batches, which are no deployment's. */
function keptAt(call: Call, kept: KeptEndpoints): Endpoint | undefined {
  const [, operation = ""] = UNVERSIONED.exec(call.path) ?? (hasVersion(call) ? (/^\/openai(\/.+)$/.exec(call.path) ?? []) : []);
  return kept(call.method, operation);
}

function hasVersion({ search }: Call): boolean {
  return VERSION.test(new URLSearchParams(search).get("api-version") ?? "");
}

/** The body with the model that answers: where the address names a deployment, a model in the body counts for nothing. */
function bodyOf({ path, body }: Call): JsonObject {
  const json = parseBody(body);
  const [, deployment] = DEPLOYMENT.exec(path) ?? [];
  return deployment === undefined ? json : { ...json, model: decodeUriPart(deployment) };
}

/** The same of a form. */
function formOf(call: Call): Form {
  const form = readForm(call);
  const [, deployment] = DEPLOYMENT.exec(call.path) ?? [];
  return deployment === undefined ? form : { ...form, fields: { ...form.fields, model: decodeUriPart(deployment) } };
}

/** Wants one of the keys in a header of its own, or as the bearer token that Entra gives. @throws SimError 401 */
function checkKey({ headers: sent }: Call, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const [, token] = /^Bearer +(\S+)$/i.exec(sent.authorization ?? "") ?? [];
  const own = sent["api-key"];
  const key = typeof own === "string" && own !== "" ? own : token;
  if (key === undefined) throw new SimError(401, "key_missing");
  if (!keys.has(key)) throw new SimError(401, "key_wrong");
}

function headers({ sequence, rate }: Stamp): Record<string, string> {
  const own = { "apim-request-id": `sim-${sequence}`, "x-request-id": `req_sim_${sequence}`, "x-ms-region": "Simulated" };
  return rate === undefined ? own : { ...own, "x-ratelimit-remaining-requests": String(rate.remaining) };
}
