import type { ChatRequest, EmbeddingRequest, ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { isObject, writeChatRequest, writeEmbeddingRequest } from "@alfred/openai";
import type { Charge } from "../domain/charge.ts";
import { type PromptText, chatText, embeddingText } from "../domain/prompt-text.ts";
import type { Route } from "../domain/route.ts";
import { refuseSurcharges } from "../domain/surcharge.ts";
import { type Bound, type SentBody, chatBound, countTokenIds, embeddingBound, worstCharge } from "../domain/worst-case.ts";

/** What is asked of a model. */
type Operation = "chat" | "embedding";

/** A request as it will be sent, and what it can cost. */
export interface Plan {
  readonly operation: Operation;
  readonly streamed: boolean;
  /** The model as the client named it. */
  readonly requestedModel: string;
  readonly route: Route;
  readonly price: ModelPrice;
  /** The body as JSON text. */
  readonly body: string;
  /** The same body without the provider's name of the model: what the client asked, for fingerprints. */
  readonly asked: () => string;
  readonly bound: Bound;
  readonly worst: Charge;
  /** What the answer alone can cost. */
  readonly least: Charge;
  /** The text of the prompt, for counting. */
  readonly prompt: () => PromptText;
  /** Tokens of the prompt that are known without counting, as token ids. */
  readonly knownTokens: bigint | undefined;
  /** Whether the answer is limited to what the budget pays for. */
  readonly isClamped: boolean;
}

type Json = Record<string, unknown>;

/** The names of the limit, the older one first. */
const LIMIT_FIELDS = ["max_tokens", "max_completion_tokens"] as const;

/**
 * Plans a chat.
 * @param limitTokens what each answer is to be cut to, below any limit of its own
 * @throws AlfredError INVALID_ARGUMENT, PRICE_UNKNOWN
 */
export function planChat(chat: ChatRequest, route: Route, streamed: boolean, limitTokens?: bigint): Plan {
  const json = written(() => writeChatRequest(chat, { model: route.model, stream: streamed }));
  if (limitTokens !== undefined) limitAnswer(json, route, Number(limitTokens));
  if (streamed) json["stream_options"] = { ...asObject(json["stream_options"]), include_usage: true };
  else delete json["stream"];
  const priced = requirePrice(route, chat.model);
  if (!priced.free) refuseSurcharges(json);
  const body = toBody(json);
  const bound = chatBound(body, route.model, priced);
  return {
    operation: "chat", streamed, requestedModel: chat.model, route, body: body.text, bound,
    ...charges(priced, bound, chat.model),
    asked: () => JSON.stringify({ ...json, model: chat.model }),
    prompt: () => chatText(json),
    knownTokens: undefined,
    isClamped: limitTokens !== undefined,
  };
}

/** Under the names that the client used; else under the one that the provider is known for. */
function limitAnswer(json: Json, { upstream }: Route, limitTokens: number): void {
  const used = LIMIT_FIELDS.filter((field) => (json[field] ?? null) !== null);
  const fallback = upstream.priceBook === "openai" ? "max_completion_tokens" : "max_tokens";
  for (const field of used.length === 0 ? [fallback] : used) json[field] = Math.min(limitTokens, Number(json[field] ?? limitTokens));
}

/**
 * Plans embeddings.
 * @throws AlfredError INVALID_ARGUMENT, PRICE_UNKNOWN
 */
export function planEmbedding(request: EmbeddingRequest, route: Route): Plan {
  const json = written(() => writeEmbeddingRequest(request, { model: route.model }));
  const priced = requirePrice(route, request.model);
  const body = toBody(json);
  const bound = embeddingBound(body);
  return {
    operation: "embedding", streamed: false, requestedModel: request.model, route, body: body.text, bound,
    ...charges(priced, bound, request.model),
    asked: () => JSON.stringify({ ...json, model: request.model }),
    prompt: () => embeddingText(json),
    knownTokens: countTokenIds(json["input"]),
    isClamped: false,
  };
}

function requirePrice({ price }: Route, model: string): ModelPrice {
  if (price === undefined) throw priceUnknown(model);
  return price;
}

function charges(price: ModelPrice, { usage }: Bound, model: string): Pick<Plan, "price" | "worst" | "least"> {
  const worst = worstCharge(price, usage);
  const least = worstCharge(price, { ...usage, inputTokens: 0n });
  // A price that leaves out a part of what the request can use is no price for it.
  if (worst === undefined || least === undefined) throw priceUnknown(model);
  return { price, worst, least };
}

function priceUnknown(model: string): Error {
  return fail("PRICE_UNKNOWN", `What the model ${model} costs is not known.`, { metadata: { model } });
}

function toBody(json: Json): SentBody & { readonly text: string } {
  const text = JSON.stringify(json);
  return { json, text, bytes: Buffer.byteLength(text) };
}

/** Fields of raw JSON come as text, which a gRPC client can get wrong. */
function written(write: () => Json): Json {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The cause quotes what was asked, which is never logged.
    throw fail("INVALID_ARGUMENT", "A field that carries raw JSON is not JSON.");
  }
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}
