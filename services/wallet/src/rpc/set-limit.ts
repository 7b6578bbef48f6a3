import type { SetLimitRequest, SetLimitResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Operations } from "../domain/ports.ts";
import { setLimit } from "../domain/set-limit.ts";
import { identityOf, needRoot, originOf } from "./caller.ts";
import { readBounds, readPeriod, readRequestId, readUnit } from "./field.ts";
import { findAccount } from "./find-account.ts";
import type { AccountSource } from "./find-account.ts";
import { accountToWire } from "./mappers.ts";

/** Sets, changes or removes a limit; an organisation's own is root's to set, those below it also its admins'. */
export async function handleSetLimit(
  parts: AccountSource & { readonly operations: Operations },
  request: SetLimitRequest,
  context: CallContext,
): Promise<SetLimitResponse> {
  const requestId = readRequestId(request.requestId);
  const unit = readUnit("unit", request.unit);
  const period = readPeriod("period", request.period);
  const bounds = readBounds("", { hard: request.hard, soft: request.soft, clamp: request.clamp });
  const { id: accountId, organisationId, kind } = await findAccount(parts, request.accountId, context);
  if (kind === "organisation") needRoot(context, "Only root may limit an organisation; its admins limit what is below it.");
  const identity = identityOf(context, "SetLimit", requestId, { accountId, unit, period, ...bounds });
  const origin = originOf(context, requestId);
  const command = { identity, origin, organisationId, accountId, unit, period, ...bounds };
  return { account: accountToWire(await parts.operations.submit(setLimit(command), context.signal)) };
}
