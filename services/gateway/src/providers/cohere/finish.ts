import { textOf } from "../loose-json.ts";

const REASONS: ReadonlyMap<string, string> = new Map([
  ["COMPLETE", "stop"], ["STOP_SEQUENCE", "stop"], ["MAX_TOKENS", "length"], ["TOOL_CALL", "tool_calls"],
  ["ERROR_TOXIC", "content_filter"],
]);

/** The ends that are failures. */
const FAILURES = new Set(["ERROR", "TIMEOUT"]);

/** OpenAI's reason to stop for Cohere's; one that OpenAI does not have in small letters. Source: https://docs.cohere.com/reference/chat */
export function readFinishReason(json: unknown): string | undefined {
  const reason = textOf(json);
  return reason === undefined ? undefined : (REASONS.get(reason) ?? reason.toLowerCase());
}

/** Whether an answer that ends so has failed. */
export function isFailure(json: unknown): boolean {
  return FAILURES.has(textOf(json) ?? "");
}
