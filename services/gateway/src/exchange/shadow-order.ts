import type { RouteShadow } from "@alfred/contracts";
import { orderCandidates } from "../domain/candidate-order.ts";
import type { Routable } from "./asked-facts.ts";
import type { Payer } from "./caller.ts";
import type { ChosenRoutes } from "./choose-routes.ts";
import { findRoutes } from "./find-route.ts";
import type { ExchangeParts } from "./parts.ts";
import type { ShadowOrder, ShadowRun } from "./shadow.ts";

/** What is to be copied, and who pays for it; undefined where it is not known who does. */
export function shadowOrder({ shadow, rule, arm }: Pick<ChosenRoutes, "rule" | "arm"> & { readonly shadow: RouteShadow }, requestId: string): ShadowOrder | undefined {
  const { accountPath: account, model, experiment } = shadow;
  return account && { model, rule, account, arm: { experiment: experiment || (arm?.experiment ?? ""), arm: shadow.arm, shadowOf: requestId } };
}

/** Where a shadow goes: wherever its model is served. @throws AlfredError MODEL_NOT_FOUND */
export function shadowRoutes({ feeds, strategy, targets, random }: ExchangeParts, run: ShadowRun, { streamed }: Routable, payer: Payer, nowMs: number): ChosenRoutes {
  const { model, rule, arm, account } = run;
  const found = findRoutes(feeds, payer.key, model, new Date(nowMs));
  const [first, ...more] = orderCandidates(found, { strategy, targets, random, nowMs, streamed: streamed === true });
  return { routes: [first ?? found[0], ...more], rule, arm, account, shadow: undefined };
}
