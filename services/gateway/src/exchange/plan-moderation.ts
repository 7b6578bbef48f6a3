import type { ModerationRequest } from "@alfred/contracts";
import { writeModerationRequest } from "@alfred/openai";
import { moderationText } from "../domain/prompt-text.ts";
import type { Route } from "../domain/route.ts";
import { moderationBound } from "../domain/worst-case.ts";
import { dialectOf } from "../providers/dialects.ts";
import { type Plan, charges, requirePrice, requireSupport, targetOf, toBody, written } from "./plan.ts";
import { hasNone, takeOption } from "./unsupported.ts";

/**
 * Plans a judgement, for which nobody but a model made for it can be asked.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planModeration(moderation: ModerationRequest, route: Route): Plan {
  const { moderations: judge } = dialectOf(route.upstream);
  if (judge === undefined) throw hasNone("moderations", route.upstream.id);
  const price = requirePrice(route, moderation.model);
  const { asked, drops } = takeOption(moderation);
  const mapped = written(() => judge(asked, targetOf(route)));
  requireSupport(mapped, route, drops);
  const body = toBody(mapped.request.body);
  const bound = moderationBound(body, route.model);
  return {
    operation: "moderation", streamed: false, requestedModel: moderation.model, route, body: body.text, bound,
    request: { ...mapped.request, body: body.text },
    ...charges(price, bound, moderation.model, route),
    asked: () => JSON.stringify(writeModerationRequest(moderation, moderation)),
    prompt: () => moderationText(body.json),
    knownTokens: undefined,
    isClamped: false,
  };
}
