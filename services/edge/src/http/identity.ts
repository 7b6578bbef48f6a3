import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Call } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { CallOptions } from "@alfred/rpc";
import { header, type Exchange } from "./exchange.ts";

const MAX_IDEMPOTENCY_KEY = 255;
const MAX_CLIENT_REQUEST_ID = 128;
const MAX_TAGS = 20;
/** As W3C's Trace Context says; anything else is ignored, as it says too. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const TAG = /^[^\s=,][^=,]{0,63}$/;

/**
 * The secret of the caller's key, from `Authorization: Bearer` or `x-api-key`.
 *
 * @throws AlfredError KEY_MISSING
 */
function bearerToken(request: IncomingMessage): string {
  const secret = secretOf(request);
  if (secret !== "") return secret;
  throw fail("KEY_MISSING", "No API key was sent.");
}

function secretOf(request: IncomingMessage): string {
  const [, token] = /^Bearer +(\S+) *$/i.exec(header(request, "authorization") ?? "") ?? [];
  return token ?? header(request, "x-api-key") ?? "";
}

/**
 * The id of a request: of its `Idempotency-Key`, the same for the same key of
 * the same caller, or a new one.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
export function requestIdentity(request: IncomingMessage): { requestId: string; idempotent: boolean } {
  const key = header(request, "idempotency-key");
  if (key === undefined) return { requestId: newId("req"), idempotent: false };
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_IDEMPOTENCY_KEY) throw invalidIdempotencyKey();
  return { requestId: `req_${hash("sha256", `${secretOf(request)}\0${key}`).slice(0, 40)}`, idempotent: true };
}

function invalidIdempotencyKey(): AlfredError {
  return fail("INVALID_ARGUMENT",
    `\`Idempotency-Key\` must be 1 to ${MAX_IDEMPOTENCY_KEY} printable characters without spaces.`,
    { metadata: { field: "Idempotency-Key" } },
  );
}

/** What a call made for this request takes along: whose it is, its id and trace, and its end when the client goes away. */
export function callOptions({ request, requestId, signal }: Exchange): CallOptions {
  const traceparent = header(request, "traceparent") ?? "";
  const metadata = TRACEPARENT.test(traceparent) ? { traceparent } : {};
  return { token: bearerToken(request), requestId, signal, metadata };
}

/** What a request for a model carries besides its body. @throws AlfredError INVALID_ARGUMENT */
export function callOf({ request, requestId, idempotent }: Exchange): Call {
  return { requestId, idempotent, clientRequestId: clientRequestId(request), tags: tags(request), routeHeaders: routeHeaders(request) };
}

const ROUTE_HEADER = /^x-alfred-route-[a-z0-9-]{1,64}$/;
const MAX_ROUTE_HEADERS = 16;
const MAX_ROUTE_HEADER = 256;

/**
 * Headers that rules for routes may ask for.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
function routeHeaders({ headers }: IncomingMessage): Record<string, string> {
  const found: Record<string, string> = {};
  let count = 0;
  for (const name in headers) {
    if (!name.startsWith("x-alfred-route-")) continue;
    const value = headers[name];
    count += 1;
    if (typeof value !== "string" || value.length > MAX_ROUTE_HEADER || !ROUTE_HEADER.test(name) || count > MAX_ROUTE_HEADERS) throw invalidRouteHeader(name);
    found[name] = value;
  }
  return found;
}

function invalidRouteHeader(name: string): AlfredError {
  const field = name.slice(0, MAX_ROUTE_HEADER);
  return fail("INVALID_ARGUMENT",
    `\`x-alfred-route-…\` headers must be at most ${MAX_ROUTE_HEADERS}, with values of at most ${MAX_ROUTE_HEADER} characters.`,
    { metadata: { field } },
  );
}

/** The id that the client gave the request, cut to what is printable; only recorded. */
function clientRequestId(request: IncomingMessage): string {
  return (header(request, "x-request-id") ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, MAX_CLIENT_REQUEST_ID);
}

/**
 * Labels for attribution, from `x-alfred-tags: team=search,feature=summary`.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
function tags(request: IncomingMessage): Record<string, string> {
  const value = header(request, "x-alfred-tags");
  if (value === undefined || value.trim() === "") return {};
  const pairs = value.split(",").map((pair) => pair.trim().split("="));
  const sound = pairs.every((pair) => pair.length === 2 && pair.every((part) => TAG.test(part)));
  if (sound && pairs.length <= MAX_TAGS) return Object.fromEntries(pairs as [string, string][]);
  throw fail("INVALID_ARGUMENT",
    `\`x-alfred-tags\` must be up to ${MAX_TAGS} pairs key=value, with commas between, of 1 to 64 characters each.`,
    { metadata: { field: "x-alfred-tags" } },
  );
}
