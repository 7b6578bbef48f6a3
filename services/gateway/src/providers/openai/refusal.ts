import type { IncomingHttpHeaders } from "node:http";
import { fail } from "@alfred/errors";
import { isObject, parseJson } from "@alfred/openai";
import type { Upstream } from "../../domain/route.ts";
import { UpstreamFailure } from "../../domain/upstream-failure.ts";

/** OpenAI's error object, as far as it is there. */
interface ProviderError {
  readonly message: string;
  readonly param: string | undefined;
  readonly code: string | undefined;
}

/** An answer other than 2xx. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its body, or what could be read of it. */
  readonly text: string;
}

/** Longest message that is passed on, in characters. */
const MAX_MESSAGE = 2_000;

/** Statuses after which OpenAI's own clients try again: a timeout, a lock, a limit, any fault of the server. */
function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * What a provider's refusal means here. Its message is passed on without anything that looks like a key or an account of
 * the operator's; what concerns the operator alone, as credentials and credit, is told in words of our own.
 */
export function refusalFailure(upstream: Upstream, refusal: Refusal): UpstreamFailure {
  const { status, headers } = refusal;
  const error = readError(refusal.text, upstream.secret);
  const metadata = { provider: upstream.id, status: String(status) };
  const says = `The provider ${upstream.id} answered ${status}${error === undefined ? "." : `: ${error.message}`}`;
  if (status === 401 || status === 403 || status === 407) {
    const message = `The provider ${upstream.id} refused the credentials that are configured for it.`;
    return new UpstreamFailure(fail("PROVIDER_UNAUTHENTICATED", message, { metadata }));
  }
  if (status === 402 || error?.code === "insufficient_quota") {
    const message = `The operator's account at the provider ${upstream.id} has no credit left.`;
    return new UpstreamFailure(fail("PROVIDER_UNAVAILABLE", message, { metadata }));
  }
  if (isPassing(status)) return passing(says, metadata, headers);
  if (status < 400 || (error === undefined && (status === 404 || status === 405))) {
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", `${says} Its base URL may be wrong.`, { metadata }));
  }
  const details = { ...metadata, ...named("param", error?.param), ...named("code", error?.code) };
  return new UpstreamFailure(fail("PROVIDER_REJECTED", error?.message ?? says, { metadata: details }));
}

function passing(message: string, metadata: Record<string, string>, headers: IncomingHttpHeaders): UpstreamFailure {
  const retryAfterMs = readRetryAfterMs(headers);
  const wait = retryAfterMs === undefined ? {} : { retry_after: String(Math.ceil(retryAfterMs / 1_000)) };
  const reason = metadata["status"] === "429" ? "PROVIDER_RATE_LIMITED" : "PROVIDER_UNAVAILABLE";
  const retryable = headers["x-should-retry"] !== "false";
  return new UpstreamFailure(fail(reason, message, { metadata: { ...metadata, ...wait } }), { retryable, retryAfterMs });
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

/** The error within a JSON text, undefined where there is none. */
export function readError(text: string, secret: string): ProviderError | undefined {
  const error = errorObject(text);
  if (error === undefined) return undefined;
  const message = typeof error === "string" ? error : error["message"];
  const { param, code } = typeof error === "string" ? {} : error;
  return {
    message: sanitise(typeof message === "string" && message !== "" ? message : "no reason given", secret),
    param: typeof param === "string" ? param : undefined,
    code: typeof code === "string" ? code : undefined,
  };
}

function errorObject(text: string): Record<string, unknown> | string | undefined {
  try {
    const json = parseJson(text);
    if (!isObject(json)) return undefined;
    const { error } = json;
    if (isObject(error) || typeof error === "string") return error;
    return typeof json["message"] === "string" ? json : undefined;
  } catch {
    return undefined;
  }
}

function sanitise(message: string, secret: string): string {
  const shown = secret === "" ? message : message.replaceAll(secret, "[hidden]");
  return shown
    .replaceAll(/\b(?:sk|pk|key|org|proj)-[\w*.-]{4,}/g, "[hidden]")
    .replaceAll(/\p{Cc}+/gu, " ")
    .slice(0, MAX_MESSAGE);
}

function named(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
