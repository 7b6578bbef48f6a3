import type { CompletionRequest } from "@alfred/contracts";
import { writeCompletionRequest } from "@alfred/openai";
import { completionText } from "../domain/prompt-text.ts";
import type { Route } from "../domain/route.ts";
import { completionBound, countTokenIds } from "../domain/worst-case.ts";
import { toChat } from "../completions/to-chat.ts";
import type { Dialect } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { withLimit } from "./answer-limit.ts";
import { type Plan, charges, planChat, requirePrice, requireSupported, targetOf, toBody, written } from "./plan.ts";
import { takeOption } from "./unsupported.ts";

type Native = NonNullable<Dialect["completions"]>;

/**
 * Plans what continues a text: as it was asked for a model that does nothing else, else by way of a chat.
 * @param limitTokens what each is to be cut to, below its own limit
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planCompletion(completion: CompletionRequest, route: Route, streamed: boolean, limitTokens?: bigint): Plan {
  const { completions } = dialectOf(route.upstream);
  const planned = completions?.takes(route.model) === true
    ? natively(completions, completion, route, streamed, limitTokens)
    : across(completion, route, streamed, limitTokens);
  const asked = (): string => JSON.stringify(writeCompletionRequest(completion, { model: completion.model, stream: streamed }));
  return { ...planned, operation: "completion", requestedModel: completion.model, asked };
}

type Planned = Omit<Plan, "operation" | "requestedModel" | "asked">;

function across(completion: CompletionRequest, route: Route, streamed: boolean, limitTokens?: bigint): Planned {
  const { asked, drops } = takeOption(completion);
  const { chat, unsupported } = toChat(asked);
  requireSupported(unsupported, route, drops);
  // It is taken off again there.
  return planChat({ ...withLimit(chat, chat.maxTokens, route), extra: completion.extra }, route, streamed, limitTokens);
}

function natively(native: Native, completion: CompletionRequest, route: Route, streamed: boolean, limitTokens?: bigint): Planned {
  const price = requirePrice(route, completion.model);
  const { asked } = takeOption(completion);
  const limited = limitTokens === undefined ? asked : { ...asked, maxTokens: Math.min(Number(limitTokens), asked.maxTokens ?? Number(limitTokens)) };
  const { request } = written(() => native.request(limited, targetOf(route), streamed));
  const body = toBody(request.body);
  const bound = completionBound(body);
  return {
    streamed, route, body: body.text, bound,
    request: { url: request.url, headers: request.headers, body: body.text, form: "completion" },
    ...charges(price, bound, completion.model, route),
    prompt: () => completionText(body.json),
    knownTokens: countTokenIds(body.json["prompt"]),
    isClamped: limitTokens !== undefined,
  };
}
