import type { ChatRequest } from "@alfred/contracts";
import type { Json } from "../loose-json.ts";
import type { Draft } from "./draft.ts";
import type { ModelTraits } from "./model-traits.ts";
import { isForced } from "./tools.ts";

/** The least that the API takes. Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
const MIN_BUDGET_TOKENS = 1_024;

/** What of the answer's limit thoughts may take, in hundredths: the rest is for what is said. */
const BUDGET_SHARES: Readonly<Record<string, number>> = { minimal: 10, low: 25, medium: 50, high: 75, xhigh: 90, max: 90 };

/** The API's name of an effort where it is another. */
const EFFORTS: Readonly<Record<string, string>> = { minimal: "low" };

/**
 * Writes how hard to think, once the tools are written: `thinking` with a budget, a share of the limit, for models up to
 * 4.5, and adaptive with an effort for later ones. Where the client says `thinking` in the API's own words, those count.
 */
export function writeThinking(chat: ChatRequest, traits: ModelTraits, limitTokens: number, draft: Draft): void {
  const effort = chat.reasoningEffort;
  if (effort === undefined) return;
  const isOwn = chat.extra["thinking"] !== undefined;
  const thinking = isOwn && traits.thinking === "budget" ? {} : thinkingOf(effort, traits, limitTokens, draft.body);
  if (thinking === undefined) return draft.lacks("reasoning_effort");
  if (isOwn) delete thinking["thinking"];
  const { output_config: config, ...rest } = thinking;
  Object.assign(draft.body, rest);
  if (config !== undefined) draft.body["output_config"] = { ...(draft.body["output_config"] as Json | undefined), ...(config as Json) };
}

function thinkingOf(effort: string, traits: ModelTraits, limitTokens: number, body: Json): Json | undefined {
  if (effort === "none") return withoutThinking(traits);
  if (traits.thinking === "none" || isForced(body["tool_choice"])) return undefined;
  if (traits.thinking === "adaptive") return adaptive(effort, traits);
  return isMidLoop(body["messages"]) ? undefined : budgeted(effort, limitTokens);
}

function withoutThinking({ thinking, thinkingOff }: ModelTraits): Json | undefined {
  if (thinking !== "adaptive" || thinkingOff === "absent") return {};
  return thinkingOff && { thinking: { type: thinkingOff } };
}

function adaptive(effort: string, traits: ModelTraits): Json | undefined {
  if (effort === "xhigh" && !traits.hasExtraHighEffort) return undefined;
  // Thoughts are left out of answers by default since 4.7.
  return { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: EFFORTS[effort] ?? effort } };
}

function budgeted(effort: string, limitTokens: number): Json | undefined {
  const share = BUDGET_SHARES[effort];
  // The budget has to leave room for the answer.
  if (share === undefined || limitTokens <= MIN_BUDGET_TOKENS) return undefined;
  const budget = Math.max(MIN_BUDGET_TOKENS, Math.floor((limitTokens * share) / 100));
  return { thinking: { type: "enabled", budget_tokens: budget } };
}

interface SentTurn {
  readonly role: string;
  readonly content: readonly Json[];
}

/** Whether results of calls are sent without the thoughts that led to them: a budget is refused then. */
function isMidLoop(messages: unknown): boolean {
  const [before, last] = (messages as readonly SentTurn[]).slice(-2);
  const isResult = last?.role === "user" && last.content.some(({ type }) => type === "tool_result");
  const first = before?.content[0]?.["type"];
  return isResult && first !== "thinking" && first !== "redacted_thinking";
}
