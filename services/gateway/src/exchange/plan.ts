import type { ChatRequest, EmbeddingRequest, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { writeEmbeddingRequest } from "@alfred/openai";
import type { Charge } from "../domain/charge.ts";
import { type PromptText, chatText, embeddingText } from "../domain/prompt-text.ts";
import type { PreparedRequest } from "../domain/provider-port.ts";
import type { Route } from "../domain/route.ts";
import { countedQuantities } from "../domain/usage.ts";
import { refuseSurcharges } from "../domain/surcharge.ts";
import { type Bound, type SentBody, chatBound, countTokenIds, embeddingBound, worstCharge } from "../domain/worst-case.ts";
import type { Dialect, Mapped, Target } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { writeChat } from "../providers/openai/request.ts";
import { limitAnswer } from "./answer-limit.ts";
import { allThatIsSaid, hasNone, takeOption, unsupported, without } from "./unsupported.ts";

/** What is asked of a model. */
type Operation = "chat" | "message" | "response" | "completion" | "embedding" | "moderation" | "image" | "image_edit" | "image_variation" | "speech" | "transcription" | "translation";

/** A request as it will be sent, and what it can cost. */
export interface Plan {
  readonly operation: Operation;
  readonly streamed: boolean;
  /** The model as the client named it. */
  readonly requestedModel: string;
  readonly route: Route;
  readonly price: ModelPrice;
  /** The request as the provider gets it, in its own dialect. */
  readonly request: PreparedRequest;
  /** The body in OpenAI's form, as JSON text: by it a request is priced, whatever its provider speaks. */
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
  /** What is taken to be used where nothing is reported, in place of a count: of sound and images there is none. */
  readonly estimates?: readonly MeterQuantity[];
  /** Whether the answer is limited to what the budget pays for. */
  readonly isClamped: boolean;
}

type Json = Record<string, unknown>;

/** What a request uses at most, as its draft has it. */
export function worstQuantities({ bound: { usage } }: Plan): MeterQuantity[] {
  const unasked = Object.entries(usage.unasked ?? {}).flatMap(([meter, quantity]) => (quantity > 0n ? [{ meter, quantity }] : []));
  return [...countedQuantities(usage.inputTokens, usage.outputTokens), ...unasked, ...(usage.beside ?? [])];
}

/**
 * Plans a chat.
 * @param limitTokens what each answer is to be cut to, below any limit of its own
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planChat(chat: ChatRequest, route: Route, streamed: boolean, limitTokens?: bigint): Plan {
  const priced = requirePrice(route, chat.model);
  const dialect = dialectOf(route.upstream);
  const { asked, drops } = takeOption(chat);
  const limited = limitAnswer(asked, route, dialect, priced, limitTokens);
  const mapped = written(() => dialect.chat(limited, targetOf(route), streamed));
  requireSupport(mapped, route, drops);
  requireSupported(allThatIsSaid(asked.messages, mapped.unsupported), route, false);
  const json = openAiForm(dialect, mapped, () => writeChat(limited, route.model, streamed));
  if (!priced.free) refuseSurcharges(without(json, mapped.unsupported));
  const body = toBody(json);
  const bound = chatBound(body, route.model, priced, dialect);
  return {
    operation: "chat", streamed, requestedModel: chat.model, route, body: body.text, bound,
    request: prepared(dialect, mapped, body.text),
    ...charges(priced, bound, chat.model, route),
    asked: () => JSON.stringify(writeChat(chat, chat.model, streamed)),
    prompt: () => chatText(json),
    knownTokens: undefined,
    isClamped: limitTokens !== undefined,
  };
}

/**
 * Plans embeddings.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planEmbedding(request: EmbeddingRequest, route: Route): Plan {
  const priced = requirePrice(route, request.model);
  const dialect = dialectOf(route.upstream);
  const { embeddings } = dialect;
  if (embeddings === undefined) throw hasNone("embeddings", route.upstream.id);
  const { asked, drops } = takeOption(request);
  const mapped = written(() => embeddings.embed(asked, targetOf(route)));
  requireSupport(mapped, route, drops);
  const json = openAiForm(dialect, mapped, () => writeEmbeddingRequest(asked, route));
  const body = toBody(json);
  const bound = embeddingBound(body);
  return {
    operation: "embedding", streamed: false, requestedModel: request.model, route, body: body.text, bound,
    request: prepared(dialect, mapped, body.text),
    ...charges(priced, bound, request.model, route),
    asked: () => JSON.stringify(writeEmbeddingRequest(request, request)),
    prompt: () => embeddingText(json),
    knownTokens: countTokenIds(json["input"]),
    isClamped: false,
  };
}

/** Where a call goes. */
export function targetOf({ upstream: { baseUrl, secret, apiVersion = "" }, model }: Route): Target {
  return { baseUrl, secret, model, apiVersion };
}

/** @throws AlfredError FEATURE_UNSUPPORTED */
export function requireSupport(mapped: Mapped, route: Route, drops: boolean): void {
  requireSupported(mapped.unsupported, route, drops);
}

/** @throws AlfredError FEATURE_UNSUPPORTED for fields that cannot be served, by the client's names */
export function requireSupported(fields: readonly string[], { upstream }: Route, drops: boolean): void {
  if (fields.length > 0 && !drops) throw unsupported(upstream.id, fields);
}

/** What is sent where the provider speaks like OpenAI, so that it is not written twice. */
function openAiForm({ hasOpenAiForm }: Dialect, { request }: Mapped, write: () => Json): Readonly<Json> {
  return hasOpenAiForm === true ? request.body : written(write);
}

function prepared({ hasOpenAiForm }: Dialect, { request: { url, headers, body } }: Mapped, text: string): PreparedRequest {
  return { url, headers, body: hasOpenAiForm === true ? text : JSON.stringify(body) };
}

/** @throws AlfredError PRICE_UNKNOWN */
export function requirePrice(route: Route, model: string): ModelPrice {
  const { price } = route;
  if (price === undefined) throw priceUnknown(model, route);
  return price;
}

/** What the wallet takes at most: a hundred million dollars in nano-dollars, or as many tokens. */
export const MAX_WORST = 100_000_000_000_000_000n;

/** What is held. @throws AlfredError PRICE_UNKNOWN, INVALID_ARGUMENT */
export function charges(price: ModelPrice, { usage }: Bound, model: string, route: Route): Pick<Plan, "price" | "worst" | "least"> {
  const worst = worstCharge(price, usage);
  const least = worstCharge(price, { ...usage, inputTokens: 0n });
  // A price that leaves out a part of what the request can use is no price for it.
  if (worst === undefined || least === undefined) throw priceUnknown(model, route);
  if (worst.nanos > MAX_WORST || worst.tokens > MAX_WORST) throw tooMuch(model);
  return { price, worst, least };
}

function tooMuch(model: string): Error {
  return fail("INVALID_ARGUMENT", "This request could cost more than any budget can hold.", {
    hint: "Lower `max_completion_tokens` or `n`.",
    metadata: { model },
  });
}

function priceUnknown(asked: string, { upstream: { id, priceBook }, model }: Route): Error {
  const provider = priceBook || id;
  return fail("PRICE_UNKNOWN", `What the model ${asked} costs at the provider ${id} is not known.`, {
    hint: `Use another model, or ask the operator to price this one in ALFRED_PRICES_FILE: provider "${provider}", model "${model}", with its meters or "free": true.`,
    metadata: { model: asked, provider: id },
  });
}

export function toBody(json: Readonly<Json>): SentBody {
  const text = JSON.stringify(json);
  return { json, text, bytes: Buffer.byteLength(text) };
}

/** Of a request whose own form is not OpenAI's: what is sent, and the longer of both, which bounds the prompt; its media are found in OpenAI's. */
export function inBothForms(json: Readonly<Json>, { request }: Mapped): { readonly sent: PreparedRequest; readonly body: SentBody } {
  const [form, own] = [toBody(json), toBody(request.body)];
  return { sent: { ...request, body: own.text }, body: own.bytes > form.bytes ? { ...own, json } : form };
}

/** Fields of raw JSON come as text, which a gRPC client can get wrong. @throws AlfredError INVALID_ARGUMENT */
export function written<Value>(write: () => Value): Value {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The cause quotes what was asked, which is never logged.
    throw fail("INVALID_ARGUMENT", "A field that carries raw JSON is not JSON.");
  }
}
