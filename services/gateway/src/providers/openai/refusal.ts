import { isObject } from "@alfred/openai";
import type { Refusal } from "../dialect.ts";
import { type Json, listOf, objectOf, readLoosely, textOf } from "../loose-json.ts";
import { TOO_LONG_CODE } from "../refusal-codes.ts";

/** OpenAI's error object, as far as it is there. */
interface OpenAiError {
  readonly message: string;
  readonly param: string | undefined;
  readonly code: string | undefined;
}

/** The requests that nobody else would take either. */
const REQUESTS_FAULT = new Set([400, 413, 422]);
/** The room of a model is its own; another may have more. By these words those say so who have no code for it. */
const TOO_LONG = /maximum context length|context (?:window|length)|prompt is too long|too (?:large|many tokens) for model/i;
/** More in one request than the account has for a minute, by these words under 429: no pause makes it fit. */
const OVER_LIMIT = /^Request too large for /;
/** Groq's own: there is no room in the cheaper tier for now. Source: https://console.groq.com/docs/errors */
const NO_ROOM = 498;

/**
 * Sources: https://platform.openai.com/docs/guides/error-codes, https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter,
 * https://docs.mistral.ai/api, https://api-docs.deepseek.com/quick_start/error_codes, https://docs.together.ai/docs/error-codes
 */
export function readRefusal(status: number, text: string): Refusal {
  const { message = "", code = "", param } = readError(readLoosely(text)) ?? {};
  if (status === 429 && OVER_LIMIT.test(message)) return { status: 413, message, code, param, isRequestsFault: false };
  const isFaulty = REQUESTS_FAULT.has(status);
  const isTooLong = isFaulty && (code === TOO_LONG_CODE || TOO_LONG.test(message));
  return { status: status === NO_ROOM ? 503 : status, message, code: isTooLong ? TOO_LONG_CODE : code, param, isRequestsFault: isFaulty && !isTooLong };
}

/** Whether a field `error` says that there is one: some write null or an empty text where there is none. */
export function saysError(error: unknown): boolean {
  return isObject(error) || (typeof error === "string" && error !== "");
}

/** The error that JSON is, or has in it; undefined where there is none. Some providers have its fields at the top, or a list of details. */
export function readError(json: unknown): OpenAiError | undefined {
  if (!isObject(json)) return undefined;
  const { error, detail } = json;
  if (typeof error === "string") return { message: error || "no reason given", param: undefined, code: undefined };
  if (isObject(error)) return toError(error);
  if (typeof json["message"] === "string") return toError(json);
  return detail === undefined || detail === null ? undefined : readDetail(detail);
}

/** A code is a number for some, and others have only a type. */
function toError({ message, param, code, type }: Json): OpenAiError {
  const name = typeof code === "number" ? String(code) : code;
  return { message: textOf(message) || "no reason given", param: textOf(param), code: textOf(name) || textOf(type) };
}

/** What is wrong with the fields, each by its place. Source: https://docs.mistral.ai/api */
function readDetail(detail: unknown): OpenAiError {
  if (typeof detail === "string") return { message: detail, param: undefined, code: undefined };
  const faults = listOf(isObject(detail) ? [detail] : detail).map(objectOf);
  const said = faults.map(({ loc, msg, message }) => [listOf(loc).slice(1).map(String).join("."), textOf(msg) ?? textOf(message) ?? ""] as const);
  const message = said.map(([place, words]) => (place === "" ? words : `${place}: ${words}`)).join("; ");
  return { message: message || "no reason given", param: said[0]?.[0] || undefined, code: textOf(faults[0]?.["type"]) };
}
