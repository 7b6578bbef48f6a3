import { type AccountPath, AccountKind, type Call } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import type { Feeds } from "../feeds/feeds.ts";
import type { Payer } from "./caller.ts";

/** Who asks, and who pays for it. */
export interface Charged {
  readonly payer: Payer;
  /** The account that pays in the caller's place, and those above it; undefined where the caller does. */
  readonly account: AccountPath | undefined;
}

/** The accounts that a request falls on. */
export function chargedPath({ payer, account }: Charged): AccountPath {
  return account ?? payer.path;
}

/** The key on that path, empty where there is none. */
export function chargedKey({ payer, account }: Charged): string {
  if (account === undefined) return payer.key.id;
  const [leaf] = account.accounts;
  return leaf?.kind === AccountKind.ACCOUNT_KIND_KEY ? leaf.id : "";
}

/** Whether who pays is of the organisation that asks. */
export function isOwnCharge({ payer, account }: Charged): boolean {
  return account === undefined || account.organisationId === payer.path.organisationId;
}

/** What the client says of a request, as who pays may see it: another organisation may not. */
export function chargedLabels(charged: Charged, call: Call | undefined): Pick<Call, "tags" | "clientRequestId"> {
  return call !== undefined && isOwnCharge(charged) ? { tags: call.tags, clientRequestId: call.clientRequestId } : NO_LABELS;
}

const NO_LABELS = { tags: {}, clientRequestId: "" };

const DENIALS: ReadonlySet<string> = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);

/** What a caller is told where it is not its own money that is lacking: neither whose nor how much of it there is. */
export function notPaid(error: unknown, experiment: string): unknown {
  return error instanceof AlfredError && DENIALS.has(error.code) ? cannotPay(error, experiment) : error;
}

/** @throws AlfredError INSUFFICIENT_QUOTA where the account is a key that was revoked */
export function requireOpen(feeds: Pick<Feeds, "isRevoked">, { account }: Pick<Charged, "account">, experiment: string): void {
  const [leaf] = account?.accounts ?? [];
  if (leaf !== undefined && feeds.isRevoked(leaf.id)) throw cannotPay({ code: "INSUFFICIENT_QUOTA" }, experiment);
}

/** A denial of an account that pays for an experiment, as its caller is told of it. */
export function cannotPay(denial: Pick<AlfredError, "code"> | AlfredError, experiment: string): AlfredError {
  const cause = denial instanceof AlfredError ? denial : undefined;
  const retryAfter = cause?.metadata["retry_after"];
  return fail(denial.code, `The account that pays for the experiment ${experiment} cannot pay for this request.`, {
    hint: "The operator of this gateway can raise its limit, or end the experiment.",
    metadata: { experiment, ...(retryAfter !== undefined && { retry_after: retryAfter }) },
    cause,
  });
}
