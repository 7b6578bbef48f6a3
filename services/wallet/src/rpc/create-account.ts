import type { CreateAccountRequest, CreateAccountResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { AccountKind } from "../domain/account.ts";
import { createAccount } from "../domain/open-account.ts";
import type { CreateAccount } from "../domain/open-account.ts";
import type { Operations } from "../domain/ports.ts";
import { identityOf, needRoot, originOf } from "./caller.ts";
import { invalid, readAccountId, readKind, readLimits, readRequestId, readTimeZone } from "./field.ts";
import { accountToWire } from "./mappers.ts";

/** Opens an account under its parent; one known already with the same parent and kind is answered as it is. */
export async function handleCreateAccount(
  operations: Operations,
  request: CreateAccountRequest,
  context: CallContext,
): Promise<CreateAccountResponse> {
  const command = readCreateAccount(request, context);
  const state = await operations.submit(createAccount(command), context.signal);
  return { account: accountToWire(state) };
}

function readCreateAccount(request: CreateAccountRequest, context: CallContext): CreateAccount {
  const requestId = readRequestId(request.requestId);
  const id = readAccountId("account_id", request.accountId);
  const kind = readKind("kind", request.kind);
  const organisationId = organisationOf(request, kind, context);
  const parentId = readParent(request.parentId, kind);
  const limits = readLimits("limits", request.limits);
  const timeZone = readTimeZone("time_zone", request.timeZone);
  return {
    identity: identityOf(context, "CreateAccount", requestId, { organisationId, id, kind, parentId, limits, timeZone }),
    origin: originOf(context, requestId),
    organisationId,
    parentId,
    timeZone,
    account: { id, kind, limits },
  };
}

function organisationOf(request: CreateAccountRequest, kind: AccountKind, context: CallContext): string {
  if (kind !== "organisation") return context.principal.organisation(request.organisationId);
  needRoot(context, "Only root may open the account of an organisation.");
  if (request.organisationId === "" || request.organisationId === request.accountId) return request.accountId;
  throw invalid("organisation_id", "must be the account's own id for an organisation, or empty.");
}

function readParent(parentId: string, kind: AccountKind): string {
  if (kind !== "organisation") return readAccountId("parent_id", parentId);
  if (parentId === "") return "";
  throw invalid("parent_id", "must be empty for an organisation.");
}
