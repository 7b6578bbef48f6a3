import { AccountKind, type AppliedRouteRule, type AccountPath, type AssignedArm, AttemptOutcome, type MeterQuantity, Unit, type UsageRecord, UsageSource } from "@alfred/contracts";
import { recordId } from "../domain/request-identity.ts";
import type { Plan } from "../exchange/plan.ts";

/** Whose request it is and what it is about: the same for all its attempts. */
export interface RecordSubject {
  readonly requestId: string;
  /** What its records' ids begin with. */
  readonly scope: string;
  /** How often the request was tried before under the same id. */
  readonly repetition: number;
  readonly keyId: string;
  readonly path: AccountPath;
  /** Whether that is of the organisation that asks. */
  readonly isOwn: boolean;
  readonly plan: Plan;
  /** The rule that said where it goes; undefined where none applied. */
  readonly rule: AppliedRouteRule | undefined;
  /** The arm of an experiment that it is in; undefined where it is in none. */
  readonly arm: AssignedArm | undefined;
  /** The client's labels. */
  readonly tags: Readonly<Record<string, string>>;
  readonly clientRequestId: string;
}

/** What was held for a request, and for which use. */
export interface Draft {
  /** Which of the request's holds it is, from 0: more than one where the first was not enough. */
  readonly hold: number;
  /** The most that it can use. */
  readonly quantities: readonly MeterQuantity[];
  readonly costNanos: bigint;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
}

/** How one attempt went. */
export interface AttemptResult {
  /** Its number, from 1. */
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  /** The stable name of the failure, empty where it was answered. */
  readonly reason: string;
  readonly quantities: readonly MeterQuantity[];
  readonly source: UsageSource;
  readonly costNanos: bigint;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly firstByteMs: number | undefined;
  /** Of the answer, while it was streamed; undefined where that cannot be told. */
  readonly tokensPerSecond?: number | undefined;
  /** As its provider calls the answer; undefined where nothing came. */
  readonly answerId?: string | undefined;
}

export const USER_KINDS: readonly AccountKind[] = [AccountKind.ACCOUNT_KIND_USER, AccountKind.ACCOUNT_KIND_SERVICE_ACCOUNT];
export const TEAM_KINDS: readonly AccountKind[] = [AccountKind.ACCOUNT_KIND_TEAM];

/** The record of an attempt. */
export function usageRecord(subject: RecordSubject, result: AttemptResult): UsageRecord {
  const { requestId, scope, repetition, keyId, path, isOwn, plan, rule, arm, tags, clientRequestId } = subject;
  const { attempt, startMs, endMs, firstByteMs } = result;
  return {
    recordId: recordId(scope, repetition, attempt),
    requestId,
    organisationId: path.organisationId,
    path: path.accounts.map(({ id }) => id),
    keyId,
    userId: accountOf(path, USER_KINDS),
    teamId: accountOf(path, TEAM_KINDS),
    operation: plan.operation,
    requestedModel: plan.requestedModel,
    provider: plan.route.upstream.id,
    model: plan.route.model,
    quantities: [...result.quantities],
    source: result.source,
    cost: { unit: Unit.UNIT_USD, value: result.costNanos },
    outcome: result.outcome,
    reason: result.reason,
    startTime: new Date(startMs),
    // A clock that was set back must not make a record that metering refuses.
    endTime: new Date(Math.max(startMs, endMs)),
    firstByteMs: firstByteMs === undefined ? undefined : BigInt(Math.max(0, Math.round(firstByteMs - startMs))),
    outputTokensPerSecond: result.tokensPerSecond,
    streamed: plan.streamed,
    routeRule: rule,
    arm,
    tags: { ...tags },
    clientRequestId,
    chargeId: "",
    // What is stored is of who asked, and of nobody else.
    providerResponseId: isOwn ? storedIdOf(plan, result.answerId) : "",
  };
}

/** Ids that metering takes. */
const ID = /^[\x21-\x7e]{1,256}$/;

/** The id under which a provider may have stored an answer. */
function storedIdOf({ request: { form } }: Plan, id = ""): string {
  return form === "response" && ID.test(id) ? id : "";
}

/** The record as the one that a hold is charged by: of it and that hold's draft one counts. */
export function chargedBy(record: UsageRecord, { scope, repetition }: Pick<RecordSubject, "scope" | "repetition">, hold: number): UsageRecord {
  return { ...record, chargeId: draftId(recordId(scope, repetition, 0), hold) };
}

/**
 * The record that counts should the gateway be cut off: all that was held, since nobody knows what came of it. It goes by
 * attempt number 0, which no attempt has, because attempts before the last may be on record by then.
 */
export function draftRecord(subject: RecordSubject, { hold, quantities, costNanos, startMs }: Draft): UsageRecord {
  const outcome = AttemptOutcome.ATTEMPT_OUTCOME_INTERRUPTED;
  const source = UsageSource.USAGE_SOURCE_INDETERMINATE;
  const result = { attempt: 0, outcome, reason: "INTERRUPTED", quantities, source, costNanos, startMs, endMs: startMs, firstByteMs: undefined };
  const record = usageRecord(subject, result);
  const id = draftId(record.recordId, hold);
  return { ...record, recordId: id, chargeId: id };
}

function draftId(id: string, hold: number): string {
  return hold === 0 ? id : `${id}+${hold}`;
}

/** The id of the account of one of these kinds on a path, empty where there is none. */
export function accountOf({ accounts }: AccountPath, kinds: readonly AccountKind[]): string {
  return accounts.find(({ kind }) => kinds.includes(kind))?.id ?? "";
}
