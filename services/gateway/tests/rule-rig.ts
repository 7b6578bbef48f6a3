import { RouteOperator as Operator, RouteRule, type RouteCondition, type RouteTarget } from "@alfred/contracts";
import { expect } from "vitest";
import { FallbackRig } from "./fallback-rig.ts";
import { chatOf, failureOf } from "./rig.ts";

export const ruleOf = (id: string, fields: Partial<RouteRule>): RouteRule => ({ ...RouteRule.create({ id }), ...fields });
export const is = (field: string, value: string, operator: Operator = Operator.ROUTE_OPERATOR_EQUALS): RouteCondition => ({ field, operator, values: [value] });
export const to = (model: string, weight?: number): RouteTarget => ({ model, weight });

/** A gateway with two providers, and rules in force. */
export async function rigWith(rules: readonly RouteRule[], options: Parameters<typeof FallbackRig.start>[0] = {}): Promise<FallbackRig> {
  const rig = await FallbackRig.start(options);
  await putRules(rig, rules);
  return rig;
}

/** Puts rules, and waits until one that came after them counts. */
export async function putRules({ rig }: Pick<FallbackRig, "rig">, rules: readonly RouteRule[]): Promise<void> {
  const mark = `mark-${Math.random()}`;
  const last = ruleOf("zzz", { priority: -1_000_000, conditions: [is("model", mark)], deny: "All rules are there." });
  rig.peers.config.push(...[...rules, last].map((value) => ({ $case: "routeRule" as const, value })));
  const ask = () => failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: mark }) }));
  await expect.poll(async () => (await ask()).metadata["rule"]).toBe("zzz");
}
