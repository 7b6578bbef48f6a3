import { PutRouteRuleRequest, PutRouteRuleResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { MOST_RULES, routeRule } from "../domain/route-rule.ts";
import { notNow } from "../domain/refusal.ts";
import { mutate } from "./mutate.ts";
import { withPayers } from "./payers.ts";

const RPC = { name: "PutRouteRule", request: PutRouteRuleRequest, response: PutRouteRuleResponse };

/** Makes or replaces a rule for routes. Errors: FAILED_PRECONDITION where there are as many as there may be. */
export async function putRouteRule(directory: Directory, request: PutRouteRuleRequest, call: CallContext): Promise<PutRouteRuleResponse> {
  routeRule(request, new Date(0));
  return mutate(directory, RPC, request, call, async (transaction) => {
    const rule = await withPayers(transaction, routeRule(request, transaction.now));
    if ((await transaction.countOtherRouteRules(rule.id)) >= MOST_RULES) throw notNow(`There are ${MOST_RULES} rules`, "Remove some first; ListRouteRules shows them.");
    return { rule: await transaction.putRouteRule(rule) };
  });
}
