import { isObject } from "@alfred/openai";
import type { Json } from "../loose-json.ts";

/** How an answer came to its end, in OpenAI's terms. */
export interface Stop {
  /** Undefined while it has not ended. */
  readonly finishReason: string | undefined;
  /** Why the model declined, where the provider explains it. */
  readonly refusal: string | undefined;
  /** What OpenAI's terms leave out, as raw JSON. */
  readonly extra: Record<string, string>;
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

/** Reasons that OpenAI's say just as well. */
const PLAIN = new Set(["end_turn", "max_tokens", "tool_use"]);

/** Reads `stop_reason` and what stands beside it. A reason without a counterpart, as "pause_turn", is told as it is. */
export function readStop({ stop_reason: reason, stop_sequence: sequence, stop_details: details }: Json): Stop {
  if (typeof reason !== "string") return { finishReason: undefined, refusal: undefined, extra: {} };
  const explanation = isObject(details) ? details["explanation"] : undefined;
  return {
    finishReason: FINISH_REASONS[reason] ?? reason,
    refusal: typeof explanation === "string" ? explanation : undefined,
    extra: {
      ...(PLAIN.has(reason) ? {} : { stop_reason: JSON.stringify(reason) }),
      ...(typeof sequence === "string" ? { stop_sequence: JSON.stringify(sequence) } : {}),
      ...(isObject(details) ? { stop_details: JSON.stringify(details) } : {}),
    },
  };
}
