import type { Account, AccountKind, AccountState, Limit } from "./account.ts";
import { mayHangUnder } from "./account.ts";
import { UNITS } from "./amount.ts";
import { emptyBalance } from "./balance.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import { once } from "./once.ts";
import type { Operation } from "./operation.ts";
import type { Outcome } from "./refusal.ts";
import { done, refused } from "./refusal.ts";
import { accountState } from "./standing.ts";

/** Accounts a path may have: an organisation and seven below. */
export const MAX_DEPTH = 8;

/** An account to be opened, unless it is known already. */
export interface AccountSpec {
  readonly id: string;
  readonly kind: AccountKind;
  /** What it is opened with; for an account known already they say nothing. */
  readonly limits: readonly Limit[];
}

/** The accounts that a charge falls on, leaf to root. */
export interface PathSpec {
  readonly organisationId: string;
  readonly timeZone: string;
  readonly accounts: readonly AccountSpec[];
}

/** Asks for one account under a parent that is known. */
export interface CreateAccount {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly organisationId: string;
  readonly parentId: string;
  readonly timeZone: string;
  readonly account: AccountSpec;
}

/** Opens what is not yet known of a path, as the directory's feed tells of it. */
export function openPath(path: PathSpec, origin: Origin): Operation<readonly Account[]> {
  return {
    needs: {
      organisationId: path.organisationId,
      opensInTimeZone: path.timeZone,
      accountIds: path.accounts.map(({ id }) => id),
      units: [],
    },
    decide: (draft, nowMs) => openAlong(draft, path, { origin, nowMs, mayOpen: true }),
  };
}

/** Opens one account; one known already with the same parent and kind is answered as it is. */
export function createAccount(command: CreateAccount): Operation<AccountState> {
  const { identity, organisationId, parentId, account, timeZone } = command;
  return {
    needs: {
      identity,
      organisationId,
      ...(account.kind === "organisation" ? { opensInTimeZone: timeZone } : {}),
      accountIds: [account.id, parentId, organisationId].filter((id) => id !== ""),
      units: UNITS,
    },
    decide: (draft, nowMs) =>
      once(draft, identity, {
        first: () => create(draft, command, nowMs),
        again: (answer) => (answer.type === "account" ? done(answer.state) : unlikeAnswer(identity)),
      }),
  };
}

/** An answer of another kind than the RPC gives cannot be on record; said rather than guessed if it is. */
export function unlikeAnswer(identity: Identity): never {
  throw new Error(`the answer to ${identity.rpc} ${identity.requestId} is of another kind`);
}

function create(draft: Draft, command: CreateAccount, nowMs: number): Outcome<AccountState> {
  const { organisationId, parentId, account, timeZone, origin, identity } = command;
  const parent = draft.account(parentId);
  if (parentId !== "" && parent?.organisationId !== organisationId) return unknownAccount(parentId);
  const opened = openOne(draft, { spec: account, parent, organisationId, timeZone, origin, nowMs, mayOpen: true });
  if (!opened.ok) return opened;
  const windows = draft.windows(organisationId, nowMs);
  const state = accountState(opened.value, windows, (key) => draft.balance(key));
  draft.remember(identity, { type: "account", state });
  return done(state);
}

/** How a path is gone along. */
export interface Opener {
  readonly origin: Origin;
  readonly nowMs: number;
  /** Whether accounts not yet known are opened; else one of them is NOT_FOUND. */
  readonly mayOpen: boolean;
}

/** Opens what is not yet known of a path, from the root down; answers its accounts from the leaf up. */
export function openAlong(draft: Draft, path: PathSpec, opener: Opener): Outcome<readonly Account[]> {
  const { organisationId, timeZone } = path;
  const accounts: Account[] = [];
  for (const spec of path.accounts.toReversed()) {
    const parent = accounts[0];
    const opened = openOne(draft, { spec, parent, organisationId, timeZone, ...opener });
    if (!opened.ok) return opened;
    accounts.unshift(opened.value);
  }
  return done(accounts);
}

interface Opening extends Opener {
  readonly spec: AccountSpec;
  readonly parent: Account | undefined;
  readonly organisationId: string;
  readonly timeZone: string;
}

function openOne(draft: Draft, opening: Opening): Outcome<Account> {
  const { spec, parent, organisationId } = opening;
  const known = draft.account(spec.id);
  if (known === undefined) return opening.mayOpen ? openNew(draft, opening) : unknownAccount(spec.id);
  // Nobody learns that another tenant has an account of this id.
  if (known.organisationId !== organisationId) return unknownAccount(spec.id);
  if (known.parentId === (parent?.id ?? "") && known.kind === spec.kind) return done(known);
  const message = `The account ${spec.id} is a ${known.kind} under ${known.parentId || "no parent"} already.`;
  return refused("ALREADY_EXISTS", message, { account: spec.id });
}

function openNew(draft: Draft, opening: Opening): Outcome<Account> {
  const { spec, parent, organisationId, timeZone, origin, nowMs } = opening;
  const misplaced = misplacement(opening);
  if (misplaced !== undefined) return refused("INVALID_ARGUMENT", misplaced, { account: spec.id });
  const account: Account = {
    id: spec.id,
    organisationId,
    parentId: parent?.id ?? "",
    kind: spec.kind,
    path: [spec.id, ...(parent?.path ?? [])],
    timeZone: parent === undefined ? timeZone : "",
    limits: spec.limits,
    createTimeMs: nowMs,
  };
  draft.open(account);
  const state = accountState(account, draft.windows(organisationId, nowMs), emptyBalance);
  draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "account_created", state } });
  return done(account);
}

function misplacement({ spec, parent, organisationId }: Opening): string | undefined {
  if (parent === undefined) {
    return spec.kind === "organisation" && spec.id === organisationId
      ? undefined
      : `The account ${spec.id} has no parent, and is not the organisation ${organisationId}.`;
  }
  if (!mayHangUnder(spec.kind, parent.kind)) return `A ${spec.kind} cannot hang under a ${parent.kind}.`;
  return parent.path.length < MAX_DEPTH ? undefined : `Accounts may be at most ${MAX_DEPTH} deep.`;
}

/** The answer for an account that is not there, or not for this caller. */
export function unknownAccount<T>(id: string): Outcome<T> {
  return refused("NOT_FOUND", `There is no account ${id}.`, { account: id });
}
