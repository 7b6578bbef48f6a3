import type { Thinking } from "../../chat-ask.ts";
import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Edition } from "./edition.ts";
import { refused } from "./errors.ts";
import type { ModelRules } from "./model-rules.ts";
import type { Turn } from "./turns.ts";

/** Tokens of a thought where no directive says how many. */
const USUAL_TOKENS = 12;

/** How a request lets the model think. */
export interface ThinkingPlan extends Thinking {
  /** Whether the text of the thoughts is left out of the answer. */
  readonly isOmitted: boolean;
}

/**
 * Reads `thinking`, and what it forbids beside it.
 *
 * Sources: https://platform.claude.com/docs/en/build-with-claude/extended-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 * @throws SimError
 */
export function readThinking(body: JsonObject, rules: ModelRules, turns: readonly Turn[], edition: Edition): ThinkingPlan {
  const asked = isObject(body["thinking"]) ? body["thinking"] : undefined;
  const type = asked === undefined ? (rules.thinksUnasked ? "adaptive" : "disabled") : String(asked["type"]);
  if (asked !== undefined && rules.refusedThinking.has(type)) throw unsupported(type, rules);
  const thinks = type === "enabled" || type === "adaptive";
  if (asked !== undefined && thinks) checkBeside(body);
  const budget = type === "enabled" ? readBudget(asked ?? {}, body, edition) : Infinity;
  if (type === "enabled") checkLastLoop(turns);
  const display = asked?.["display"] ?? (rules.omitsThoughts ? "omitted" : "summarized");
  return { usual: thinks ? USUAL_TOKENS : 0, most: thinks ? budget : 0, isOmitted: display === "omitted" };
}

function unsupported(type: string, { refusedThinking }: ModelRules): Error {
  if (refusedThinking.has("adaptive")) return refused(`"thinking.type.${type}" is not supported for this model.`);
  const way = `Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`;
  return refused(`"thinking.type.${type}" is not supported for this model. ${way}`);
}

/** A model that thinks samples as it is made to, and chooses its tools itself. */
function checkBeside(body: JsonObject): void {
  const { temperature, top_p: topP, top_k: topK, tool_choice: choice } = body;
  if (temperature !== undefined && temperature !== 1) throw refused("`temperature` may only be set to 1 when thinking is enabled.");
  if (topK !== undefined) throw refused("`top_k` must be unset when thinking is enabled.");
  if (typeof topP === "number" && topP < 0.95) {
    throw refused("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.");
  }
  const isForced = isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
  if (isForced) throw refused("Thinking may not be enabled when tool_choice forces tool use.");
}

/** One of the betas lifts the bound. */
function readBudget(asked: JsonObject, body: JsonObject, { hasBeta }: Edition): number {
  const budget = Number(asked["budget_tokens"]);
  if (!hasBeta && budget >= Number(body["max_tokens"])) throw refused("`max_tokens` must be greater than `thinking.budget_tokens`.");
  return budget;
}

/** With a budget, an assistant's turn whose calls are being answered begins with the thought that led to them. */
function checkLastLoop(turns: readonly Turn[]): void {
  const last = turns.findLast(({ role }) => role === "user");
  const before = last === undefined ? undefined : turns[turns.indexOf(last) - 1];
  const isLoop = last?.blocks.some(({ block }) => block["type"] === "tool_result");
  const isPrefill = turns.at(-1)?.role === "assistant";
  const open = isPrefill ? turns.at(-1) : isLoop ? before : undefined;
  const first = open?.blocks[0];
  if (first === undefined || first.block["type"] === "thinking" || first.block["type"] === "redacted_thinking") return;
  const found = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first.block["type"])}\`.`;
  throw refused(`${found} When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`, `${first.place}.type`);
}
