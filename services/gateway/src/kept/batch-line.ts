import { isDeepStrictEqual } from "node:util";
import { AlfredError, fail } from "@alfred/errors";
import { isObject, parseJson, readChatRequest, readCompletionRequest, readEmbeddingRequest, readModerationRequest, readResponseRequest } from "@alfred/openai";
import type { Route } from "../domain/route.ts";
import { planCompletion } from "../exchange/plan-completion.ts";
import { planModeration } from "../exchange/plan-moderation.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { type Plan, planChat, planEmbedding } from "../exchange/plan.ts";
import { hasDoubleNames } from "./double-names.ts";
import { type Line, wrongLine } from "./kept-lines.ts";

/** A request of a batch. */
export interface BatchLine {
  readonly number: number;
  readonly customId: string;
  readonly model: string;
  /** Plans it as a request by itself. @throws AlfredError as that */
  plan(route: Route): Plan;
}

/** How the body of an endpoint is read and planned. */
type Planner = (body: unknown) => Pick<BatchLine, "model" | "plan">;

const PLANNERS: Readonly<Record<string, Planner>> = {
  "/v1/chat/completions": (body) => {
    const { chat, stream } = readChatRequest(body);
    return { model: chat.model, plan: (route) => planChat(chat, route, stream) };
  },
  "/v1/responses": (body) => {
    const { response, stream } = readResponseRequest(body);
    return { model: response.model, plan: (route) => planResponse(response, route, stream) };
  },
  "/v1/embeddings": (body) => {
    const embedding = readEmbeddingRequest(body);
    return { model: embedding.model, plan: (route) => planEmbedding(embedding, route) };
  },
  "/v1/completions": (body) => {
    const { completion, stream } = readCompletionRequest(body);
    return { model: completion.model, plan: (route) => planCompletion(completion, route, stream) };
  },
  "/v1/moderations": (body) => {
    const moderation = readModerationRequest(body);
    return { model: moderation.model, plan: (route) => planModeration(moderation, route) };
  },
};

const MAX_CUSTOM_ID = 512;
const FIELDS = new Set(["custom_id", "method", "url", "body"]);

/**
 * Reads a line of a batch.
 *
 * @throws AlfredError INVALID_ARGUMENT, which names the line
 */
export function readBatchLine({ number, text }: Line, endpoint: string): BatchLine {
  const json = jsonOf(number, text);
  const { custom_id: customId, method, url, body } = json;
  if (Object.keys(json).some((name) => !FIELDS.has(name))) throw wrongLine(number, "has fields beside `custom_id`, `method`, `url` and `body`");
  if (typeof customId !== "string" || customId === "" || customId.length > MAX_CUSTOM_ID) throw wrongLine(number, `needs a \`custom_id\` of at most ${MAX_CUSTOM_ID} characters`);
  if (method !== "POST") throw wrongLine(number, "needs the `method` POST");
  if (url !== endpoint) throw wrongLine(number, `needs the \`url\` of the batch, ${endpoint}`);
  const planner = PLANNERS[endpoint];
  if (planner === undefined) throw fail("INTERNAL", `Nobody plans ${endpoint}.`);
  return atLine(number, () => {
    const { model, plan } = planner(body);
    // Providers refuse it, but only when the line's turn comes.
    if (isObject(body) && body["stream"] === true) throw wrongLine(number, "asks for a stream: `body.stream`", "Leave it out: the answers of a batch come whole.");
    return { number, customId, model, plan: (route: Route) => atLine(number, () => unchanged(number, plan(route), body)) };
  });
}

function jsonOf(number: number, text: string): Record<string, unknown> {
  const json = parsed(text);
  if (!isObject(json)) throw wrongLine(number, "is not the JSON of an object");
  // The provider reads the text by itself, and may take the other one for meant.
  if (hasDoubleNames(text, json)) throw wrongLine(number, "says a name twice in one object");
  return json;
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with a request by itself, told of its line. */
export function atLine<Value>(number: number, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AlfredError) || error.metadata["line"] !== undefined) throw error;
    const { code, message, hint, metadata } = error;
    throw fail(code, `Line ${number} of the input file: ${message}`, { hint, metadata: { ...metadata, line: String(number) } });
  }
}

/** The provider has the line already and runs it as it stands, so it must be what would have been sent. */
function unchanged(number: number, plan: Plan, body: unknown): Plan {
  const asked = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  const sent = JSON.parse(plan.request.body) as Record<string, unknown>;
  const field = [...new Set([...Object.keys(asked), ...Object.keys(sent)])].find((name) => !isDeepStrictEqual(asked[name], sent[name]));
  if (field === undefined) return plan;
  const should = sent[field] === undefined ? `leave \`body.${field}\` out` : `say \`body.${field}\` as ${JSON.stringify(sent[field]).slice(0, MAX_SHOWN)}`;
  throw wrongLine(number, `is not what would be sent to ${plan.route.upstream.id}: \`body.${field}\``, `A batch is run as it stands: ${should}.`);
}

const MAX_SHOWN = 128;
