import type { Thinking } from "../../chat-ask.ts";
import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { refused } from "./errors.ts";
import type { ModelRules } from "./model-rules.ts";

/** Tokens of a thought where no directive says how many. */
const USUAL_TOKENS = 12;

/** How a request lets the model think. */
export interface ThinkingPlan extends Thinking {
  /** Whether the answer shows the thoughts. */
  readonly isShown: boolean;
}

/** Reads `thinkingConfig`. Source: https://ai.google.dev/gemini-api/docs/thinking. @throws SimError */
export function readThinking(config: JsonObject, model: string, rules: ModelRules): ThinkingPlan {
  const asked = isObject(config["thinkingConfig"]) ? config["thinkingConfig"] : {};
  const { thinkingBudget: budget, thinkingLevel: level, includeThoughts } = asked;
  const isAsked = Object.keys(asked).length > 0;
  if (isAsked && rules.thinking === "none") throw refused(`Thinking is not enabled for models/${model}`);
  if (budget !== undefined && level !== undefined) throw refused("You can only set only one of thinking budget and thinking level.");
  if (typeof level === "string") checkLevel(level, rules);
  if (typeof budget === "number") checkBudget(budget, rules);
  const isOff = budget === 0;
  const thinks = !isOff && (isAsked || rules.thinksUnasked);
  const most = rules.thinking === "none" || isOff ? 0 : typeof budget === "number" && budget > 0 ? budget : Infinity;
  return { usual: thinks ? Math.min(USUAL_TOKENS, most) : 0, most, isShown: includeThoughts === true };
}

function checkLevel(level: string, { thinking, alwaysThinks }: ModelRules): void {
  if (thinking === "budget") throw refused("Thinking level is not supported for this model.");
  if (alwaysThinks && level.toUpperCase() === "MINIMAL") throw refused("Thinking level MINIMAL is not supported for this model.");
}

function checkBudget(budget: number, { alwaysThinks, mostBudget }: ModelRules): void {
  if (budget === 0 && alwaysThinks) throw refused("Budget 0 is invalid. This model only works in thinking mode.");
  if (budget <= mostBudget) return;
  throw refused(`The thinking budget ${budget} is invalid. Please choose a value between 0 and ${mostBudget}.`);
}
