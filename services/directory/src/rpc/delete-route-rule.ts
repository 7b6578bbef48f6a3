import { DeleteRouteRuleRequest, DeleteRouteRuleResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { routeRuleId } from "../domain/route-rule.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "DeleteRouteRule", request: DeleteRouteRuleRequest, response: DeleteRouteRuleResponse };

/** Removes a rule for routes that a call has put. Errors: NOT_FOUND; FAILED_PRECONDITION for one that the file gives. */
export async function deleteRouteRule(directory: Directory, request: DeleteRouteRuleRequest, call: CallContext): Promise<DeleteRouteRuleResponse> {
  const id = routeRuleId(request.ruleId);
  return mutate(directory, RPC, request, call, async (transaction) => {
    await transaction.releaseRouteRule(id);
    return {};
  });
}
