import { isObject } from "@alfred/openai";
import type { Refusal } from "../dialect.ts";
import { readLoosely } from "../loose-json.ts";

/** OpenAI's error object, as far as it is there. */
interface OpenAiError {
  readonly message: string;
  readonly param: string | undefined;
  readonly code: string | undefined;
}

/** The requests that nobody else would take either. */
const REQUESTS_FAULT = new Set([400, 413, 422]);

/** Source: https://platform.openai.com/docs/guides/error-codes */
export function readRefusal(status: number, text: string): Refusal {
  const { message = "", code = "", param } = readError(readLoosely(text)) ?? {};
  return { status, message, code, param, isRequestsFault: REQUESTS_FAULT.has(status) };
}

/** The error that JSON is, or has in it; undefined where there is none. Some providers have its fields at the top. */
export function readError(json: unknown): OpenAiError | undefined {
  const error = errorOf(json);
  if (error === undefined) return undefined;
  const message = typeof error === "string" ? error : error["message"];
  const { param, code } = typeof error === "string" ? {} : error;
  return {
    message: typeof message === "string" && message !== "" ? message : "no reason given",
    param: typeof param === "string" ? param : undefined,
    code: typeof code === "string" ? code : undefined,
  };
}

function errorOf(json: unknown): Record<string, unknown> | string | undefined {
  if (!isObject(json)) return undefined;
  const { error } = json;
  if (isObject(error) || typeof error === "string") return error;
  return typeof json["message"] === "string" ? json : undefined;
}
