import { DeleteRouteRuleRequest, DeleteRouteRuleResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { notFound } from "../domain/refusal.ts";
import { routeRuleId } from "../domain/route-rule.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteRouteRule", request: DeleteRouteRuleRequest, response: DeleteRouteRuleResponse };

/** Removes a rule for routes. Errors: NOT_FOUND. */
export async function deleteRouteRule(directory: Directory, request: DeleteRouteRuleRequest, call: CallContext): Promise<DeleteRouteRuleResponse> {
  const id = routeRuleId(request.ruleId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    if (!(await transaction.removeRouteRule(id))) throw notFound("route rule", id);
    return {};
  });
}
