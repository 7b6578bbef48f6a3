import type { IncomingHttpHeaders } from "node:http";
import { fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";
import type { Upstream } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { dialectOf } from "./dialects.ts";
import { type Json, objectOf, readLoosely, textOf } from "./loose-json.ts";
import { saysError } from "./openai/refusal.ts";
import { sanitise } from "./sanitise.ts";

/** An answer other than 2xx. */
interface Refused {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its body, or what could be read of it. */
  readonly text: string;
  /** Whether the request names what the provider keeps: then that is what is not there, and nobody else has it. */
  readonly namesKept?: boolean;
}

/** By these names providers say that the operator's account is empty, under whatever status. */
const UNPAID = new Set(["insufficient_quota", "billing_error"]);

/** Longest name of a field or a code that is passed on, in characters. */
const MAX_NAME = 256;

/** What is wrong between the operator and the provider is so for every request, and at this provider alone. */
const LASTING = { elsewhere: true, isLasting: true };

/** Statuses that say the same of one model, or only of what was asked of it: OpenAI refuses vectors of a model for chats with 403, and chats of others with 404. */
const OF_MODEL = new Set([403, 404, 405]);

/** Statuses after which providers' own clients try again: a timeout, a lock, a limit, any fault of the server. */
function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * What a provider's refusal means here. Its message is passed on without anything that looks like a key or an account of
 * the operator's; what concerns the operator alone, as credentials and credit, is told in words of our own.
 */
export function refusalFailure(upstream: Upstream, { headers, namesKept = false, ...refused }: Refused): UpstreamFailure {
  const { status, code, param, isRequestsFault, retryAfterMs, ...refusal } = dialectOf(upstream).readRefusal(refused.status, refused.text);
  const message = sanitise(refusal.message, upstream.secret);
  const metadata = { provider: upstream.id, status: String(refused.status) };
  const says = `The provider ${upstream.id} answered ${refused.status}${message === "" ? "." : `: ${message}`}`;
  if (status === 401 || status === 403 || status === 407) {
    const unknown = `The provider ${upstream.id} refused the credentials that are configured for it.`;
    return new UpstreamFailure(fail("PROVIDER_UNAUTHENTICATED", unknown, { metadata }), lasting(status));
  }
  if (status === 402 || UNPAID.has(code)) {
    const unpaid = `The operator's account at the provider ${upstream.id} has no credit left.`;
    return new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", unpaid, { metadata }), LASTING);
  }
  if (isPassing(status)) return passing(says, metadata, headers, readRetryAfterMs(headers) ?? retryAfterMs);
  if (status < 400 || (message === "" && (status === 404 || status === 405))) {
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", `${says} Its base URL may be wrong.`, { metadata }), lasting(status));
  }
  const details = { ...metadata, ...named("param", param, upstream.secret), ...named("code", code, upstream.secret) };
  return new UpstreamFailure(fail("PROVIDER_REJECTED", message || says, { metadata: details }), status === 404 && !namesKept ? lasting(status) : { elsewhere: !isRequestsFault && !namesKept });
}

function lasting(status: number): typeof LASTING & { readonly mayBeRequests: boolean } {
  return { ...LASTING, mayBeRequests: OF_MODEL.has(status) };
}

/** What came in the place of an answer may be as long as this and still be looked at for an error, in characters. */
const MOST_OF_REFUSAL = 64 * 1024;

/**
 * An error that stands in the place of an answer, under a status that says success, for what could not be read as one; undefined where it is none. Where its
 * own code is a status it is what that says, else the provider just failed. Nobody bills an error for an answer.
 */
export function disguisedRefusal(upstream: Upstream, { headers, text }: Omit<Refused, "status">): UpstreamFailure | undefined {
  if (text.length > MOST_OF_REFUSAL) return undefined;
  const json = readLoosely(text);
  const body = objectOf(Array.isArray(json) ? json[0] : json);
  if (!isError(body)) return undefined;
  const { code, status: other } = isObject(body["error"]) ? body["error"] : body;
  const status = [code, other].map(Number).find((each) => each >= 400 && each <= 599);
  if (status !== undefined) return refusalFailure(upstream, { status, headers, text });
  const message = sanitise(dialectOf(upstream).readRefusal(200, text).message, upstream.secret) || "no reason given";
  const says = `The provider ${upstream.id} gave an error in the place of an answer: ${message}`;
  return new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", says, { metadata: { provider: upstream.id } }), { elsewhere: true });
}

/** Whether what came in the place of text is an error. */
export function isErrorText(text: string): boolean {
  return text.startsWith("{") && text.length <= MOST_OF_REFUSAL && isError(objectOf(readLoosely(text)));
}

/** Whether JSON that is no answer has the form of an error: as the provider has it, or as servers before it do. */
function isError({ error, object, type, message, detail }: Json): boolean {
  if (saysError(error) || object === "error" || type === "error") return true;
  return textOf(message) !== undefined || (detail ?? null) !== null;
}

function passing(message: string, metadata: Record<string, string>, headers: IncomingHttpHeaders, retryAfterMs: number | undefined): UpstreamFailure {
  const wait = retryAfterMs === undefined ? {} : { retry_after: String(Math.ceil(retryAfterMs / 1_000)) };
  const reason = metadata["status"] === "429" ? "PROVIDER_RATE_LIMITED" : "PROVIDER_UNAVAILABLE";
  const retryable = headers["x-should-retry"] !== "false";
  return new UpstreamFailure(fail(reason, message, { metadata: { ...metadata, ...wait } }), { retryable, elsewhere: true, retryAfterMs });
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date; undefined where there is none that can be read. */
export function readRetryAfterMs(headers: IncomingHttpHeaders, nowMs: number = Date.now()): number | undefined {
  const exact = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = headers["retry-after"];
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - nowMs : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function named(name: string, value: string | undefined, secret: string): Record<string, string> {
  return value === undefined || value === "" ? {} : { [name]: sanitise(value, secret).slice(0, MAX_NAME) };
}
