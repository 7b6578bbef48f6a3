import { chatEndpoint } from "../../chat-endpoint.ts";
import type { Call, DialectParts, Endpoint, SimDialect } from "../../dialect.ts";
import { fixedEndpoint } from "../../fixed-endpoint.ts";
import { isObject, parseBody } from "../../json-fields.ts";
import { keptEndpoints } from "../../kept/kept.ts";
import type { KeptEndpoints } from "../../kept/kept.ts";
import { SimError } from "../../sim-error.ts";
import { embeddingsEndpoint } from "../openai/embeddings-endpoint.ts";
import { transcriptionsEndpoint, translationsEndpoint } from "../openai/hearing.ts";
import { moderationsEndpoint } from "../openai/moderations.ts";
import { completionJson } from "./chat-completion.ts";
import { readCompatibleChat } from "./chat-request.ts";
import { completionChunks } from "./chat-stream.ts";
import { errorFrame, writeError } from "./errors.ts";
import type { CompatibleRow } from "./row.ts";

const SHOWN_MODELS = ["sim-chat", "sim-embedding"] as const;

/** The dialect of a provider whose API is like OpenAI's. */
export function createCompatibleDialect(row: CompatibleRow, { models }: DialectParts): SimDialect {
  const endpoints: ReadonlyMap<string, Endpoint> = new Map(Object.entries(endpointsOf(row, models)));
  const kept = row.batched === undefined ? undefined : keptEndpoints(Object.fromEntries(row.batched.map((path) => [`/v1${path}`, endpoints.get(`POST ${path}`) as Endpoint])));
  return {
    name: row.name,
    mount: `/${row.name}`,
    done: row.done,
    waiting: row.waiting,
    brokenFrame: `{"id":"sim","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"bro`,
    route: (call) => route(row, endpoints, call, kept),
    admit: row.takesNoKey ? () => undefined : checkBearer,
    headers: (stamp) => row.headers?.(stamp) ?? { "x-request-id": `req_sim_${stamp.sequence}` },
    writeError: (error, stamp) => writeError(row, error, stamp),
    errorFrame: (error, stamp) => errorFrame(row, error, stamp),
  };
}

function endpointsOf(row: CompatibleRow, models: readonly string[] | undefined): Record<string, Endpoint> {
  const { embeddings, hearing, moderations, models: list } = row;
  const requireModel = (call: Call): Call => {
    checkModel(row, call, models);
    return call;
  };
  const chat = chatEndpoint({
    read: (call) => readCompatibleChat(row, parseBody(requireModel(call).body)),
    whole: (ask, answer, stamp) => completionJson(row, { ask, answer, stamp }),
    frames: (ask, answer, stamp) => completionChunks(row, { ask, answer, stamp }),
  });
  const json = list?.(models ?? SHOWN_MODELS);
  return {
    "POST /chat/completions": chat,
    ...(embeddings === undefined ? {} : { "POST /embeddings": guarded(embeddingsEndpoint(embeddings), requireModel) }),
    ...(moderations === undefined ? {} : { "POST /moderations": guarded(moderationsEndpoint(moderations), requireModel) }),
    ...(hearing === undefined ? {} : { "POST /audio/transcriptions": transcriptionsEndpoint(hearing) }),
    ...(hearing?.translates === true ? { "POST /audio/translations": translationsEndpoint(hearing) } : {}),
    ...(json === undefined ? {} : { "GET /models": fixedEndpoint("models", null, json) }),
  };
}

function guarded(endpoint: Endpoint, guard: (call: Call) => Call): Endpoint {
  return { name: endpoint.name, prepare: (call) => endpoint.prepare(guard(call)) };
}

/** @throws SimError in the provider's words for a model that does not exist */
function checkModel({ errors }: CompatibleRow, { body }: Call, models: readonly string[] | undefined): void {
  if (models === undefined) return;
  const json = parseBody(body);
  const model = isObject(json) ? json["model"] : undefined;
  if (typeof model !== "string" || models.includes(model)) return;
  const { status, message } = errors.noModel(model);
  throw new SimError(status, "model", { message });
}

function route({ bases }: CompatibleRow, endpoints: ReadonlyMap<string, Endpoint>, { method, path }: Call, kept: KeptEndpoints | undefined): Endpoint {
  const base = bases.find((each) => path.startsWith(`${each}/`));
  const operation = base === undefined ? path : path.slice(base.length);
  const endpoint = endpoints.get(`${method} ${operation}`) ?? kept?.(method, operation);
  if (endpoint !== undefined) return endpoint;
  throw new SimError(404, "path", { message: `Unknown request URL: ${method} ${path}` });
}

/** Wants one of the keys as a bearer token. @throws SimError 401 */
function checkBearer({ headers }: Call, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (key === undefined) throw new SimError(401, "key_missing");
  if (!keys.has(key)) throw new SimError(401, "key_wrong");
}
