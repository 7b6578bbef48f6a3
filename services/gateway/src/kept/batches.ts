import { type BatchTerms, type Call, KeptObject, KeptObjectKind, ReserveRequest } from "@alfred/contracts";
import { AlfredError, fail, isFailure } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { Charge } from "../domain/charge.ts";
import { identify } from "../domain/request-identity.ts";
import type { Upstream } from "../domain/route.ts";
import { MINTING } from "../exchange/open.ts";
import type { Visit } from "../exchange/visit.ts";
import { isGone } from "../exchange/failure.ts";
import { amountsOf, durationOf } from "../money/wire.ts";
import { type Keeping, keepingOf, keptRequest, keptStep } from "../providers/openai/keeping.ts";
import type { BatchParts } from "./batch-parts.ts";
import { planBatch } from "./batch-plan.ts";
import { type BatchState, stateOf, writeState } from "./batch-state.ts";
import { OWN_LABEL, toldBy } from "./batch-tell.ts";
import { fileContent } from "./files.ts";
import { type Asking, askKeeper, isRefused, keeperOf } from "./keeper.ts";
import { forget, keptId, ownObject } from "./own.ts";

const { KEPT_OBJECT_KIND_BATCH: BATCH, KEPT_OBJECT_KIND_FILE: FILE } = KeptObjectKind;

/** How long a batch may take to be submitted, in milliseconds; the provider is not asked for longer. */
const SUBMIT_MS = 60_000;
/** When a submission that was not heard of again is looked into: nothing of it can be under way any more. */
const CUT_OFF_MS = 600_000;
/** How long the money is held unless the batch is settled: the wallet's longest. Past it, it still counts, as suspense. */
const HOLD_MS = 48 * 3_600_000;
/** When a batch that runs is looked at first. */
const FIRST_LOOK_MS = 10_000;
const DENIED = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);

/**
 * Makes a batch: planned, on record, paid for, submitted, in this order, so that whatever ends it on the way nothing runs that is not
 * paid for, and nothing is held for ever (`recoverBatch`).
 *
 * @throws AlfredError NOT_FOUND, INVALID_ARGUMENT, what refuses a request or the money, PROVIDER_*
 */
export async function makeBatch(parts: BatchParts, visit: Visit, call: Call | undefined, terms: BatchTerms): Promise<KeptObject> {
  const { scope } = identify(call, { keyId: visit.payer.key.id, operation: "batch" }, () => JSON.stringify(terms), MINTING);
  const known = call?.idempotent === true ? await knownBatch(parts, visit, scope, terms) : undefined;
  if (known !== undefined) return known;
  const input = await ownObject(parts, visit, FILE, terms.inputFileId);
  const upstream = keeperOf(parts, input.providerId);
  const keeping = requireBatches(upstream, input, terms);
  const place = { call, payer: visit.payer, upstream, endpoint: terms.endpoint, keeping };
  const plan = await planBatch(parts, place, fileContent(parts, visit, terms.inputFileId));
  const { tags = {}, clientRequestId = "" } = call ?? {};
  const state: BatchState = { phase: "submitting", terms, inputUpstreamId: input.upstreamId, ...plan, call: { tags, clientRequestId }, reservationId: "", told: "" };
  const created = await parts.record.createKeptObject({ requestId: scope, object: draftOf(parts, visit, keptId(BATCH, scope), upstream, state) });
  if (created.object === undefined) throw fail("INTERNAL", "The directory answered without an object.");
  return created.replayed ? created.object : startBatch(parts, created.object, visit.deadlineMs);
}

/**
 * Pays for a batch that is on record, and submits it. @param deadlineMs in milliseconds since the epoch
 * @throws AlfredError what refuses the money, PROVIDER_* by which nothing was submitted
 */
export async function startBatch(parts: BatchParts, object: KeptObject, deadlineMs: number): Promise<KeptObject> {
  return submit(parts, await paid(parts, object), deadlineMs);
}

/** Holds the most that a batch can cost, once however often it is asked for. @returns the reservation's id @throws AlfredError what the money says */
export async function holdFor({ wallet }: BatchParts, { id, path }: KeptObject, held: Charge): Promise<string> {
  // No gateway's: it outlives each of them, and any may settle it.
  const { reservation } = await wallet.reserve(ReserveRequest.create({ requestId: `${id}/hold`, path, amounts: amountsOf(held), ttl: durationOf(HOLD_MS) }));
  if (reservation === undefined) throw fail("INTERNAL", "The wallet answered without a reservation.");
  return reservation.id;
}

/** Charges what a batch cost, once, and gives back the rest of what was held. */
export async function settleFor({ wallet }: BatchParts, { id, path }: KeptObject, reservationId: string, cost: Charge): Promise<void> {
  await wallet.settle({ requestId: `${id}/settled`, reservationId, amounts: amountsOf(cost), organisationId: path?.organisationId ?? "" });
}

/** Writes a batch's state at the version that it was read at. @throws AlfredError FAILED_PRECONDITION where somebody else wrote it since */
export async function writeBatchState({ record }: BatchParts, { id, path, version, upstreamId: before }: KeptObject, state: BatchState, dueTime: Date | undefined, upstreamId = before): Promise<KeptObject> {
  const { object } = await record.updateKeptObject({ requestId: newId("req"), organisationId: path?.organisationId ?? "", id, version, upstreamId, state: writeState(state), dueTime });
  if (object === undefined) throw fail("INTERNAL", "The directory answered without an object.");
  return object;
}

/** A batch after a step; where somebody else got on with it meanwhile, as they left it. @throws AlfredError what the step throws; NOT_FOUND where nothing is left */
export async function orAsLeft(parts: BatchParts, { id, path }: KeptObject, step: Promise<KeptObject>): Promise<KeptObject> {
  try {
    return await step;
  } catch (error) {
    if (!isFailure(error, "FAILED_PRECONDITION")) throw error;
    return ownObject(parts, { organisationId: path?.organisationId ?? "" }, BATCH, id);
  }
}

/** Whether the money was refused. */
export function isDenied(error: unknown): boolean {
  return error instanceof AlfredError && DENIED.has(error.code);
}

/** Ends a running batch at its provider. @throws AlfredError FAILED_PRECONDITION where it is not running, PROVIDER_* */
export async function cancelBatch(parts: BatchParts, object: KeptObject, asking: Asking): Promise<KeptObject> {
  const state = stateOf(object);
  if (state.phase !== "running") throw fail("FAILED_PRECONDITION", `The batch is not running: it is ${state.phase}.`, { hint: "GET it to see how it ended." });
  const upstream = keeperOf(parts, object.providerId);
  const json = await cancelThere(parts, upstream, object.upstreamId, asking);
  return orAsLeft(parts, object, writeBatchState(parts, object, { ...state, told: toldBy(json).told }, new Date(parts.now() + FIRST_LOOK_MS)));
}

async function cancelThere({ provider }: BatchParts, upstream: Upstream, upstreamId: string, asking: Asking): Promise<unknown> {
  try {
    return await askKeeper(provider, upstream, keptRequest(upstream, `/batches/${keptStep(upstreamId)}/cancel`), asking);
  } catch (error) {
    if (!(error instanceof AlfredError) || !isGone(error)) throw error;
    throw fail("FAILED_PRECONDITION", `The provider ${upstream.id} does not know the batch any more.`, { hint: "Unless it comes back to know it, the batch is given up and charged a day and a half after it was made." });
  }
}

/** The batch that a repeated request made before. @throws AlfredError REQUEST_ID_REUSED */
async function knownBatch(parts: BatchParts, { organisationId }: Visit, scope: string, terms: BatchTerms): Promise<KeptObject | undefined> {
  try {
    const { object } = await parts.record.getKeptObject({ organisationId, kind: BATCH, id: keptId(BATCH, scope) });
    if (object === undefined || JSON.stringify(stateOf(object).terms) === JSON.stringify(terms)) return object;
  } catch (error) {
    if (!isFailure(error, "NOT_FOUND")) throw error;
    return undefined;
  }
  throw fail("REQUEST_ID_REUSED", "This idempotency key was used for another batch.");
}

function requireBatches(upstream: Upstream, { purpose, upstreamId }: KeptObject, { endpoint, inputFileId }: BatchTerms): Keeping {
  const keeping = keepingOf(upstream);
  if (purpose !== "batch" || upstreamId === "") throw fail("INVALID_ARGUMENT", `The file "${inputFileId}" was not uploaded for batches.`, { hint: "Upload it with the purpose `batch`.", metadata: { field: "input_file_id" } });
  if (keeping?.endpoints.includes(endpoint) === true) return keeping;
  throw fail("INVALID_ARGUMENT", `The provider ${upstream.id} runs no batches of ${endpoint}.`, { hint: `It runs those of ${keeping?.endpoints.join(", ") ?? "nothing"}.`, metadata: { field: "endpoint" } });
}

function draftOf({ now }: BatchParts, { payer }: Visit, id: string, upstream: Upstream, state: BatchState): KeptObject {
  return KeptObject.create({ id, kind: BATCH, path: payer.path, providerId: upstream.id, state: writeState(state), dueTime: new Date(now() + CUT_OFF_MS) });
}

/** The batch with its money held; one that is denied leaves nothing. */
async function paid(parts: BatchParts, object: KeptObject): Promise<KeptObject> {
  const state = stateOf(object);
  try {
    const reservationId = await holdFor(parts, object, state.held);
    return await writeBatchState(parts, object, { ...state, reservationId }, new Date(parts.now() + CUT_OFF_MS));
  } catch (error) {
    if (isDenied(error)) await forget(parts, object);
    throw error;
  }
}

/** Gives it to the provider. Where nobody knows whether that has it, the batch is told of as it is on record, and looked for later. */
async function submit(parts: BatchParts, object: KeptObject, deadlineMs: number): Promise<KeptObject> {
  const upstream = keeperOf(parts, object.providerId);
  const state = stateOf(object);
  const { terms, inputUpstreamId } = state;
  const { output_expires_after: expires = "null" } = terms.extra;
  const body = {
    input_file_id: inputUpstreamId, endpoint: terms.endpoint, completion_window: terms.completionWindow, metadata: { ...terms.metadata, [OWN_LABEL]: object.id },
    ...(expires !== "null" && { output_expires_after: JSON.parse(expires) as unknown }),
  };
  // Who made it may go away: it is on record, and submitted all the same.
  const asking = { signal: new AbortController().signal, deadlineMs: Math.min(deadlineMs, parts.now() + SUBMIT_MS) };
  try {
    const { told, id } = toldBy(await askKeeper(parts.provider, upstream, keptRequest(upstream, "/batches", { body: JSON.stringify(body) }), asking));
    return await running(parts, object, { ...state, phase: "running", told }, id);
  } catch (error) {
    if (!isRefused(error)) return object;
    await settleFor(parts, object, state.reservationId, { nanos: 0n, tokens: 0n });
    await forget(parts, object);
    throw error;
  }
}

/** A batch that the provider has. One that was given up meanwhile, since its gateway stood still for so long, is ended there: nothing is held for it any more. */
async function running(parts: BatchParts, object: KeptObject, state: BatchState, upstreamId: string): Promise<KeptObject> {
  const left = await orAsLeft(parts, object, writeBatchState(parts, object, state, new Date(parts.now() + FIRST_LOOK_MS), upstreamId));
  if (stateOf(left).phase !== "failed") return left;
  const asking = { signal: new AbortController().signal, deadlineMs: parts.now() + SUBMIT_MS };
  // It may be over already.
  await cancelThere(parts, keeperOf(parts, object.providerId), upstreamId, asking).catch(() => undefined);
  return left;
}
