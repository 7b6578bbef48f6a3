import type { Dispatcher } from "undici";
import { parseUsd } from "../../packages/money/src/index.ts";

const TIMEOUT_MS = 60_000;

/** A chat as a client sends it. */
export interface ChatAsk {
  /** The edge's URL. */
  readonly edge: string;
  readonly secret: string;
  /** In the body, and as the client's request id, so that every witness can tell which call it saw. */
  readonly marker: string;
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number;
  /** Directives for the simulator, without brackets. */
  readonly directives: string;
  /** Sent as the idempotency key where there is one. */
  readonly idempotencyKey?: string;
}

/** What a client got. */
export interface ChatAnswer {
  /** Undefined where the connection broke before a status came. */
  readonly status: number | undefined;
  /** Whether the answer came to its end without an error. */
  readonly isWhole: boolean;
  /** Under which money moved, where it was told. */
  readonly requestId: string | undefined;
  /** Nano-dollars, where it was told. */
  readonly costNanos: bigint | undefined;
  /** The error's code, empty without one. */
  readonly code: string;
}

const NO_ANSWER: ChatAnswer = { status: undefined, isWhole: false, requestId: undefined, costNanos: undefined, code: "" };

/** Sends one chat and reads its answer to the end. Never rejects: a broken connection is an answer too. */
export async function askChat(dispatcher: Dispatcher, ask: ChatAsk): Promise<ChatAnswer> {
  try {
    const { statusCode: status, headers, body } = await dispatcher.request({
      origin: ask.edge, path: "/v1/chat/completions", method: "POST", headers: headersOf(ask), body: bodyOf(ask),
      headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS,
    });
    const requestId = String(headers["x-request-id"] ?? "") || undefined;
    const text = await body.text().catch(() => undefined);
    if (text === undefined) return { ...NO_ANSWER, status, requestId };
    if (status !== 200) return { ...NO_ANSWER, status, requestId, code: codeOf(text) };
    if (ask.stream) return { status, requestId, ...readStream(text) };
    return { status, requestId, isWhole: true, costNanos: costOf(headers["x-alfred-cost-usd"]), code: "" };
  } catch {
    return NO_ANSWER;
  }
}

function headersOf({ secret, marker, idempotencyKey }: ChatAsk): Record<string, string> {
  return {
    authorization: `Bearer ${secret}`,
    "content-type": "application/json",
    "x-request-id": marker,
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
  };
}

function bodyOf({ model, stream, maxTokens, directives, marker }: ChatAsk): string {
  const content = `${directives === "" ? "" : `[[sim: ${directives}]] `}marker ${marker}`;
  const usage = stream ? { stream: true, stream_options: { include_usage: true } } : {};
  return JSON.stringify({ model, max_tokens: maxTokens, messages: [{ role: "user", content }], ...usage });
}

/** The cost stands in the last chunk, and `[DONE]` after it. */
function readStream(text: string): Pick<ChatAnswer, "isWhole" | "costNanos" | "code"> {
  const cost = /"cost_usd":"([\d.]+)"/.exec(text)?.[1];
  return { isWhole: text.endsWith("data: [DONE]\n\n"), costNanos: costOf(cost), code: codeOf(text) };
}

function costOf(usd: string | string[] | undefined): bigint | undefined {
  return typeof usd === "string" ? parseUsd(usd) : undefined;
}

function codeOf(text: string): string {
  return /"code":"([a-z_]+)"/.exec(text)?.[1] ?? "";
}
