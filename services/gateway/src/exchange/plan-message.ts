import type { ChatRequest, MessageRequest } from "@alfred/contracts";
import { writeMessageRequest } from "@alfred/anthropic";
import type { Route } from "../domain/route.ts";
import { chatText } from "../domain/prompt-text.ts";
import { refuseSurcharges, surcharged } from "../domain/surcharge.ts";
import { type Bound, chatBound } from "../domain/worst-case.ts";
import { toChat } from "../messages/to-chat.ts";
import { OWN_TOOL_TOKENS, isOwnTool } from "../messages/tools.ts";
import type { Place } from "../messages/turns.ts";
import type { Dialect, Mapped } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { parseRaw } from "../providers/loose-json.ts";
import { writeChat } from "../providers/openai/request.ts";
import { type ClientNames, across } from "./across.ts";
import { limitAnswer, withLimit } from "./answer-limit.ts";
import { type Plan, charges, inBothForms, requirePrice, requireSupport, targetOf, written } from "./plan.ts";
import { takeOption, without } from "./unsupported.ts";

/**
 * Plans an answer in Anthropic's form: as it was asked for a provider that speaks it, else by way of a chat.
 * @param limitTokens what the answer is to be cut to, below its own limit
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planMessage(message: MessageRequest, route: Route, streamed: boolean, limitTokens?: bigint): Plan {
  const price = requirePrice(route, message.model);
  const dialect = dialectOf(route.upstream);
  const { asked, drops } = takeOption(message);
  const as = written(() => toChat(asked));
  const chat = limitAnswer(withLimit(as.chat, asked.maxTokens, route), route, dialect, price, limitTokens);
  const mapped = written(() => (dialect.messages === undefined ? across(dialect, { ...as, chat }, NAMES, route, streamed) : natively(dialect.messages, asked, chat, route, streamed)));
  requireSupport(mapped, route, drops);
  const json = written(() => writeChat(chat, route.model, streamed));
  if (!price.free) refuseSurcharges(without({ ...json, ...ownSurcharges(asked), tools: billedTools(asked, json["tools"]) }, mapped.unsupported));
  const { sent, body } = inBothForms(json, mapped);
  const bound = withOwnTools(asked, chatBound(body, route.model, price, dialect));
  return {
    operation: "message", streamed, requestedModel: message.model, route, body: body.text, bound,
    request: sent,
    ...charges(price, bound, message.model, route),
    asked: () => JSON.stringify(writeMessageRequest(message, { model: message.model, stream: streamed })),
    prompt: () => chatText(json),
    knownTokens: undefined,
    isClamped: limitTokens !== undefined,
  };
}

function natively(messages: NonNullable<Dialect["messages"]>, message: MessageRequest, { maxTokens, maxCompletionTokens }: ChatRequest, route: Route, streamed: boolean): Mapped {
  return messages.request({ ...message, maxTokens: maxTokens ?? maxCompletionTokens }, targetOf(route), streamed);
}

/** What a chat calls otherwise than a conversation in Anthropic's form does. */
const NAMES: ClientNames<Place> = {
  fields: {
    reasoning_effort: "thinking", response_format: "output_config.format", parallel_tool_calls: "tool_choice.disable_parallel_tool_use",
    stop: "stop_sequences", max_completion_tokens: "max_tokens", user: "metadata.user_id",
  },
  partOf: ({ path, first }, block) => `${path}.content[${first + block}]`,
};

/** Fields by which tokens cost more, which the chat does not have. */
function ownSurcharges({ extra, serviceTier: service_tier }: MessageRequest): Record<string, unknown> {
  return { service_tier, ...Object.fromEntries(Object.entries(surcharged(extra)).map(([name, raw]) => [name, parseRaw(raw, name)])) };
}

/** Tools that the provider might bill by the call: not those that the client runs. */
function billedTools({ tools }: MessageRequest, asTools: unknown): unknown {
  if (!Array.isArray(asTools)) return undefined;
  return asTools.filter((_tool, index) => tools[index] === undefined || !isOwnTool(tools[index]));
}

function withOwnTools({ tools }: MessageRequest, bound: Bound): Bound {
  const own = BigInt(tools.filter(isOwnTool).length);
  return { ...bound, usage: { ...bound.usage, inputTokens: bound.usage.inputTokens + own * OWN_TOOL_TOKENS } };
}
