/** A provider, a record, a wallet and a metering in memory, each of whose steps can be cut off. */
import { AccountKind, KeptObject, KeptObjectKind, ModelPrice, type UsageRecord } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { expect } from "vitest";
import type { UpstreamCall } from "../src/domain/provider-port.ts";
import type { Upstream } from "../src/domain/route.ts";
import { UpstreamFailure } from "../src/domain/upstream-failure.ts";
import { advanceBatch } from "../src/kept/batch-end.ts";
import type { BatchParts } from "../src/kept/batch-parts.ts";
import { type BatchState, writeState } from "../src/kept/batch-state.ts";
import { Tokenizer } from "../src/tokens/tokenizer.ts";

const OPENAI: Upstream = { id: "openai", kind: "openai", baseUrl: "http://up.test/v1", secret: "k", priceBook: "openai" };
const PATH = { organisationId: "org_1", timeZone: "UTC", accounts: [{ id: "key_1", kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] }, { id: "org_1", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] }] };
/** A nano-dollar for each token of a prompt, two for each of an answer. */
const PRICE = ModelPrice.create({ provider: "openai", model: "m", meters: [{ meter: "input_tokens", nanos: 1n, per: 1n, tiers: [] }, { meter: "output_tokens", nanos: 2n, per: 1n, tiers: [] }] });
export const ID = "batch_1";

/** What stands at the provider, and what its peers do; each may be made to fail. */
export interface World {
  /** The batch there; undefined where there is none. */
  batch: Record<string, unknown> | undefined;
  readonly files: Map<string, string>;
  /** What fails, once each time it is named. */
  readonly failing: string[];
  /** What was done, in order. */
  readonly done: string[];
  /** The reason by which the provider refuses batches. */
  refusing?: "PROVIDER_REJECTED" | "PROVIDER_TIMEOUT";
  /** What happens while the provider is asked to run it. */
  meanwhile?: () => void;
  readonly settled: Map<string, bigint>;
  readonly held: Map<string, bigint>;
  readonly used: Map<string, UsageRecord>;
  readonly kept: Map<string, KeptObject>;
}

export function worldOf(files: Record<string, string> = {}): World {
  return { batch: { id: "up-1", object: "batch", status: "completed", created_at: 1, output_file_id: "out", error_file_id: null, metadata: { alfred_batch_id: ID } }, files: new Map(Object.entries(files)), failing: [], done: [], settled: new Map(), held: new Map(), used: new Map(), kept: new Map() };
}

export function partsOf(world: World): BatchParts {
  const step = (name: string): void => {
    const at = world.failing.indexOf(name);
    if (at < 0) return void world.done.push(name);
    world.failing.splice(at, 1);
    throw fail("UNAVAILABLE", `${name} is cut off`);
  };
  const answer = ({ request: { url, method } }: UpstreamCall): unknown => {
    const isCancel = url.endsWith("/cancel");
    step(isCancel ? "cancel" : method === "GET" ? "look" : "submit");
    if (method !== "GET" && !isCancel) world.meanwhile?.();
    if (world.batch === undefined && url.includes("/batches/")) throw new UpstreamFailure(fail("PROVIDER_REJECTED", "gone", { metadata: { status: "404" } }));
    if (method !== "GET" && world.refusing !== undefined) throw new UpstreamFailure(fail(world.refusing, "no"));
    if (method !== "GET") world.batch = { ...world.batch, status: "validating" };
    if (url.includes("/batches?")) return { data: world.batch === undefined ? [] : [world.batch] };
    return world.batch;
  };
  const read = async function* read(url: string): AsyncGenerator<Buffer, void> {
    const text = world.files.get(/files\/([^/]+)\/content/.exec(url)?.[1] ?? "");
    if (text === undefined) throw new UpstreamFailure(fail("PROVIDER_REJECTED", "gone", { metadata: { status: "404" } }));
    yield Buffer.from(text);
  };
  const record = {
    createKeptObject: async ({ object }: { object: KeptObject }) => {
      step("create");
      if (!world.kept.has(object.id)) world.kept.set(object.id, { ...object, version: 1n });
      return { object: world.kept.get(object.id), replayed: false };
    },
    updateKeptObject: async ({ id, version, upstreamId, state, dueTime }: KeptObject) => {
      step("update");
      const known = world.kept.get(id);
      if (known?.version !== version) throw fail("FAILED_PRECONDITION", "another version");
      world.kept.set(id, { ...known, version: version + 1n, upstreamId, state, dueTime });
      return { object: world.kept.get(id) };
    },
    getKeptObject: async ({ id }: { id: string }) => ({ object: world.kept.get(id) }),
    deleteKeptObject: async ({ id }: { id: string }) => void world.kept.delete(id),
    claimKeptObjects: async ({ kind }: { kind: KeptObjectKind }) => {
      const due = [...world.kept.values()].filter((object) => object.kind === kind && (object.dueTime?.getTime() ?? Infinity) <= Date.now());
      for (const object of due) world.kept.set(object.id, { ...object, version: object.version + 1n, dueTime: new Date(Date.now() + 600_000) });
      return { objects: due.map(({ id }) => world.kept.get(id)) };
    },
  };
  const wallet = {
    reserve: async ({ requestId, amounts: [usd] }: { requestId: string; amounts: { value: bigint }[] }) => {
      step("reserve");
      if (!world.held.has(requestId)) world.held.set(requestId, usd?.value ?? 0n);
      return { reservation: { id: `lease of ${requestId}` } };
    },
    settle: async ({ reservationId, amounts: [usd] }: { reservationId: string; amounts: { value: bigint }[] }) => {
      step("settle");
      expect(world.settled.get(reservationId) ?? usd?.value).toBe(usd?.value);
      world.settled.set(reservationId, usd?.value ?? 0n);
    },
  };
  const metering = {
    recordUsage: async ({ records }: { records: UsageRecord[] }) => {
      step("record");
      for (const each of records) world.used.set(each.recordId, each);
    },
  };
  const provider = { ask: async (call: UpstreamCall) => ({ message: answer(call) }), read: async ({ request }: UpstreamCall) => read(request.url) };
  const feeds = { routes: { providers: new Map([[OPENAI.id, OPENAI]]) }, requireSynced: () => undefined };
  const gate = { enter: () => undefined, leave: () => undefined };
  return { provider, record, wallet, metering, feeds, gate, requestTimeoutMs: 60_000, tokenizer: new Tokenizer(), now: Date.now, random: () => 0.5 } as unknown as BatchParts;
}

export const ASKING = { signal: new AbortController().signal, deadlineMs: Date.now() + 60_000 };

export function put(world: World, changes: Partial<BatchState> = {}, dueTime = new Date(0)): KeptObject {
  const terms = { inputFileId: "file-1", endpoint: "/v1/chat/completions", completionWindow: "24h", metadata: {}, extra: {} };
  const state: BatchState = { phase: "running", terms, inputUpstreamId: "in", lines: 3, held: { nanos: 1_000n, tokens: 900n }, model: "m", price: PRICE, call: { tags: {}, clientRequestId: "" }, reservationId: "hold", told: "", ...changes };
  const object: KeptObject = { ...KeptObject.create({ id: ID, kind: KeptObjectKind.KEPT_OBJECT_KIND_BATCH, path: PATH, providerId: "openai", upstreamId: "up-1", state: writeState(state), version: 1n, dueTime }), createTime: new Date() };
  world.kept.set(ID, object);
  return object;
}

/** Goes on with a batch until nothing fails any more, as whoever claims it next does. */
export async function advance(world: World, tries = 10): Promise<KeptObject | undefined> {
  const parts = partsOf(world);
  for (let count = 0; ; count += 1) {
    const object = world.kept.get(ID);
    if (object === undefined) return undefined;
    try {
      return await advanceBatch(parts, object, ASKING);
    } catch (error) {
      if (count === tries) throw error;
    }
  }
}
