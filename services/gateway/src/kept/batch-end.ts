import { AttemptOutcome, KeptObject, KeptObjectKind, Unit, UsageRecord } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { NO_CHARGE } from "../domain/charge.ts";
import { isGone } from "../exchange/failure.ts";
import { keptRequest, keptStep } from "../providers/openai/keeping.ts";
import { TEAM_KINDS, USER_KINDS, accountOf } from "../usage/record.ts";
import type { BatchParts } from "./batch-parts.ts";
import { isOverdue, resultOf, resultOfLost } from "./batch-result.ts";
import { type BatchState, stateOf } from "./batch-state.ts";
import { OWN_LABEL, fileScope, isOver, toldBy, toldOfLost } from "./batch-tell.ts";
import { holdFor, isDenied, settleFor, writeBatchState } from "./batches.ts";
import { itemsOf } from "./files.ts";
import { type Asking, askKeeper, keeperOf } from "./keeper.ts";
import { forget, keptId } from "./own.ts";

const FILE = KeptObjectKind.KEPT_OBJECT_KIND_FILE;

/** How soon what has begun is gone on with where it was cut off, in milliseconds. */
const GO_ON_MS = 60_000;
/** A batch is looked at after a tenth of its age, within these, in milliseconds. */
const LEAST_PAUSE_MS = 10_000;
const MOST_PAUSE_MS = 300_000;

/**
 * Looks at a batch and does what is due: one that was cut off is found at its provider or given up, one that is over is settled and put on record.
 * Whoever does it, and however often: each step counts once, and each goes on from what the last one left on record.
 *
 * @returns it as it is then; undefined where nothing is left of it
 * @throws AlfredError FAILED_PRECONDITION where somebody else got on with it meanwhile; PROVIDER_*, UNAVAILABLE
 */
export async function advanceBatch(parts: BatchParts, object: KeptObject, asking: Asking): Promise<KeptObject | undefined> {
  switch (stateOf(object).phase) {
    case "submitting":
      return await recoverBatch(parts, object, asking);
    case "running":
      return await lookAt(parts, object, asking);
    case "settling":
      return await endBatch(parts, object);
    case "ended":
    case "failed":
      return object;
  }
}

/** Asks the provider how far it is. */
async function lookAt(parts: BatchParts, object: KeptObject, asking: Asking): Promise<KeptObject> {
  const state = stateOf(object);
  const json = await seenThere(parts, object, asking);
  if (json === undefined) return settleAs(parts, object, { ...state, told: toldOfLost(state, parts.now()), result: resultOfLost(state) });
  const { told, status, output, error } = toldBy(json);
  if (!isOver(status)) return writeBatchState(parts, object, { ...state, told }, nextLook(parts, object));
  return settleAs(parts, object, { ...state, told, result: await resultOf(parts, object, { output, error }, asking) });
}

/** What its provider tells of a batch; undefined of one that it did not come back to know in time. @throws AlfredError PROVIDER_*, UNAVAILABLE */
async function seenThere(parts: BatchParts, object: KeptObject, asking: Asking): Promise<unknown> {
  const { providerId, upstreamId } = object;
  const upstream = keeperOf(parts, providerId);
  try {
    return await askKeeper(parts.provider, upstream, keptRequest(upstream, `/batches/${keptStep(upstreamId)}`, { method: "GET" }), asking);
  } catch (error) {
    if (isOverdue(parts, object) && error instanceof AlfredError && isGone(error)) return undefined;
    throw error;
  }
}

/** From here on it is known what it cost, and stays so, whatever prices do and whoever goes on. */
async function settleAs(parts: BatchParts, object: KeptObject, state: BatchState): Promise<KeptObject> {
  return endBatch(parts, await writeBatchState(parts, object, { ...state, phase: "settling" }, new Date(parts.now() + GO_ON_MS)));
}

/** Pays for a batch, and puts on record what it used and what it has written. */
async function endBatch(parts: BatchParts, object: KeptObject): Promise<KeptObject> {
  const state = stateOf(object);
  await settleFor(parts, object, state.reservationId, state.result?.charge ?? NO_CHARGE);
  const record = usageOf(parts, object, state);
  await parts.metering.recordUsage({ requestId: record.recordId, records: [record] });
  for (const which of ["output", "error"] as const) await keepWritten(parts, object, state, which);
  return writeBatchState(parts, object, { ...state, phase: "ended" }, undefined);
}

/** A file that the provider has written belongs to whom the batch belongs to. */
async function keepWritten({ record }: BatchParts, { id, path, providerId }: KeptObject, { result }: BatchState, which: "output" | "error"): Promise<void> {
  const there = result?.[which];
  if (there === undefined || there.upstreamId === "") return;
  const requestId = fileScope(id, which);
  const object = KeptObject.create({
    id: keptId(FILE, requestId), kind: FILE, path, providerId, upstreamId: there.upstreamId, purpose: "batch_output", filename: `${id}_${which}.jsonl`, bytes: BigInt(there.bytes), state: "{}",
  });
  await record.createKeptObject({ requestId, object });
}

/** What a batch used, on record once. */
function usageOf({ now }: BatchParts, { id, path, providerId, createTime }: KeptObject, { model, call, result }: BatchState): UsageRecord {
  const accounts = path?.accounts ?? [];
  const startTime = createTime ?? new Date(now());
  return UsageRecord.create({
    recordId: `${id}/1`, requestId: id, organisationId: path?.organisationId ?? "", path: accounts.map((account) => account.id), keyId: accounts[0]?.id ?? "",
    userId: path === undefined ? "" : accountOf(path, USER_KINDS), teamId: path === undefined ? "" : accountOf(path, TEAM_KINDS),
    operation: "batch", requestedModel: model, provider: providerId, model,
    ...(result && { quantities: [...result.quantities], source: result.source }),
    cost: { unit: Unit.UNIT_USD, value: result?.charge.nanos ?? 0n },
    outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, startTime, endTime: new Date(Math.max(now(), startTime.getTime())),
    tags: call.tags, clientRequestId: call.clientRequestId,
  });
}

/** Finds out whether the provider has a batch whose submission was cut off. What it does not have by now never runs: nothing is charged. */
async function recoverBatch(parts: BatchParts, object: KeptObject, asking: Asking): Promise<KeptObject | undefined> {
  const state = stateOf(object);
  const json = await findThere(parts, object, asking);
  if (json !== undefined) {
    const { told, id } = toldBy(json);
    return writeBatchState(parts, object, { ...state, phase: "running", told }, nextLook(parts, object), id);
  }
  try {
    // Where it is not known whether anything is held it is held now, under the same name, to be given back.
    const reservationId = state.reservationId || (await holdFor(parts, object, state.held));
    await settleFor(parts, object, reservationId, NO_CHARGE);
    return await writeBatchState(parts, object, { ...state, phase: "failed", reservationId }, undefined);
  } catch (error) {
    if (!isDenied(error)) throw error;
    await forget(parts, object);
    return undefined;
  }
}

/** How far the clocks of a provider and ours may be apart, in seconds. */
const CLOCKS_APART_S = 3_600;
const PAGE = 100;
const MOST_PAGES = 100;

/** The provider's batch that bears our label. Newest come first, so that no more than those made since are gone through. */
async function findThere(parts: BatchParts, { id, providerId, createTime }: KeptObject, asking: Asking): Promise<unknown> {
  const upstream = keeperOf(parts, providerId);
  const sinceS = Math.floor((createTime?.getTime() ?? 0) / 1_000) - CLOCKS_APART_S;
  let after = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const items = itemsOf(await askKeeper(parts.provider, upstream, keptRequest(upstream, `/batches?limit=${PAGE}${after && `&after=${encodeURIComponent(after)}`}`, { method: "GET" }), asking));
    const own = items.find(({ metadata }) => (metadata as Record<string, unknown> | null)?.[OWN_LABEL] === id);
    const last = items.at(-1);
    if (own !== undefined || items.length < PAGE || last === undefined || Number(last["created_at"]) < sinceS) return own;
    after = String(last["id"]);
  }
  throw fail("INTERNAL", `The provider ${providerId} has too many batches to find one among them.`);
}

function nextLook({ now, random }: BatchParts, { createTime }: KeptObject): Date {
  const ageMs = now() - (createTime?.getTime() ?? now());
  const pauseMs = Math.min(Math.max(ageMs / 10, LEAST_PAUSE_MS), MOST_PAUSE_MS);
  return new Date(now() + pauseMs * (0.5 + random()));
}
