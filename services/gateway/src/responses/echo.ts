import type { ResponseRequest } from "@alfred/contracts";
import { writeResponseRequest } from "@alfred/openai";

/** What an answer says again of its request, and as which where that does not say it. Nothing is kept of either. */
const ECHOED: Readonly<Record<string, unknown>> = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  temperature: null,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: null,
  truncation: "disabled",
};

const AS_SENT = ["top_logprobs", "user", "safety_identifier", "prompt_cache_key"];

/** The fields of an answer that stand in its request: field name to raw JSON. */
export function echoOf(request: ResponseRequest): Record<string, string> {
  const sent = writeResponseRequest(request, { model: request.model, stream: false });
  const echoed: Record<string, string> = { store: "false" };
  for (const [name, value] of Object.entries(ECHOED)) echoed[name] = JSON.stringify(sent[name] ?? value);
  for (const name of AS_SENT) if (sent[name] !== undefined) echoed[name] = JSON.stringify(sent[name]);
  return echoed;
}
