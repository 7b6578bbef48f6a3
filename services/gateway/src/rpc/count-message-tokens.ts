import type { CountMessageTokensRequest, CountMessageTokensResponse, MessageRequest } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { chatText } from "../domain/prompt-text.ts";
import type { Route } from "../domain/route.ts";
import { chatBound } from "../domain/worst-case.ts";
import { asFailure } from "../exchange/failure.ts";
import type { Routable } from "../exchange/asked-facts.ts";
import { chooseRoutes } from "../exchange/choose-routes.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planMessage } from "../exchange/plan-message.ts";
import { requireSupport, targetOf, toBody, written } from "../exchange/plan.ts";
import { takeOption } from "../exchange/unsupported.ts";
import { type Visit, visit } from "../exchange/visit.ts";
import { toChat } from "../messages/to-chat.ts";
import type { Mapped } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { writeChat } from "../providers/openai/request.ts";
import { estimatePrompt } from "../tokens/estimate.ts";
import { checkMessage } from "./validate.ts";

/** Tells how long a prompt is: as its provider counts it, which costs nothing, else as it is counted here. */
export async function countMessageTokens(parts: ExchangeParts, request: CountMessageTokensRequest, context: CallContext): Promise<CountMessageTokensResponse> {
  const message = checkMessage(request.message, false);
  return visit(parts, context, async (visitor) => {
    const routable: Routable = { call: undefined, model: message.model, plan: (route) => planMessage(message, route, false) };
    const { routes: [route] } = chooseRoutes(parts, routable, visitor.payer, visitor.nowMs);
    const { asked, drops } = takeOption(message);
    const mapped = written(() => dialectOf(route.upstream).messages?.count(asked, targetOf(route)));
    if (mapped === undefined) return { inputTokens: await countHere(parts, asked, route) };
    requireSupport(mapped, route, drops);
    return { inputTokens: await countThere(parts, mapped, route, visitor) };
  });
}

async function countThere({ provider }: ExchangeParts, { request }: Mapped, { upstream, model }: Route, { signal, deadlineMs }: Visit): Promise<bigint> {
  const prepared = { ...request, body: JSON.stringify(request.body) };
  const call = { upstream, model, request: prepared, requestId: newId("req"), signal, deadlineMs, onSent: () => undefined };
  try {
    return await provider.countTokens(call);
  } catch (error) {
    throw asFailure(error).error;
  }
}

async function countHere({ tokenizer }: ExchangeParts, message: MessageRequest, { model, price }: Route): Promise<bigint> {
  const json = written(() => writeChat(toChat(message).chat, model, false));
  const { mediaTokens } = chatBound(toBody(json), model, price ?? {});
  return estimatePrompt(tokenizer, model, chatText(json), mediaTokens);
}
