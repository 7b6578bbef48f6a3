import type { Json } from "../loose-json.ts";
import { alwaysThinks, thinkingOf } from "./model.ts";

/**
 * Tokens to think by effort, as Google's own mapping of `reasoning_effort` has them.
 *
 * Source: https://ai.google.dev/gemini-api/docs/openai
 */
const BUDGETS: ReadonlyMap<string, number> = new Map([["minimal", 1_024], ["low", 1_024], ["medium", 8_192], ["high", 24_576]]);

const LEVELS: ReadonlySet<string> = new Set(["minimal", "low", "medium", "high"]);

/** Gemini's `thinkingConfig`; undefined where nothing is asked for, or where this model cannot be told so. */
export function thinkingConfig(effort: string | undefined, model: string, unsupported: string[]): Json | undefined {
  if (effort === undefined) return undefined;
  const kind = thinkingOf(model);
  if (effort === "none" && kind === "none") return undefined;
  const config = kind === "level" ? byLevel(effort, model) : kind === "budget" ? byBudget(effort, model) : undefined;
  if (config === undefined) unsupported.push("reasoning_effort");
  return config;
}

function byLevel(effort: string, model: string): Json | undefined {
  if (effort === "none") return alwaysThinks(model) ? undefined : { thinkingLevel: "minimal" };
  if (!LEVELS.has(effort)) return undefined;
  const thinkingLevel = effort === "minimal" && alwaysThinks(model) ? "low" : effort;
  return { thinkingLevel, includeThoughts: true };
}

function byBudget(effort: string, model: string): Json | undefined {
  if (effort === "none") return alwaysThinks(model) ? undefined : { thinkingBudget: 0 };
  const thinkingBudget = BUDGETS.get(effort);
  return thinkingBudget === undefined ? undefined : { thinkingBudget, includeThoughts: true };
}
