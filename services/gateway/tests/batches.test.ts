import { type KeptObject, ModelPrice } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { createLogger } from "@alfred/telemetry";
import { describe, expect, test } from "vitest";
import { stateOf } from "../src/kept/batch-state.ts";
import { tellBatch } from "../src/kept/batch-tell.ts";
import { cancelBatch, startBatch } from "../src/kept/batches.ts";
import { KeeperWatch } from "../src/kept/keeper-watch.ts";
import { getBatch } from "../src/rpc/batches.ts";
import { advance, ASKING, ID, partsOf, put, type World, worldOf } from "./batch-world.ts";

const chat = (id: string, usage: object | undefined, content = "Hello") =>
  JSON.stringify({ custom_id: id, response: { status_code: 200, body: { object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content } }], usage } }, error: null });
const used = (prompt: number, answer: number) => ({ prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer });
const asked = (id: string) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "m", messages: [{ role: "user", content: "How long?" }], max_tokens: 9 } });

describe("a batch that is over", () => {
  const OUT = { out: [chat("a", used(10, 5)), chat("b", used(20, 5)), ""].join("\n") };
  const outcome = (world: World) => ({
    settled: [...world.settled], records: [...world.used.values()].map(({ recordId, cost, quantities }) => [recordId, cost?.value, quantities]), phase: stateOf(world.kept.get(ID) as KeptObject).phase,
    files: [...world.kept.values()].filter(({ id }) => id !== ID).map(({ upstreamId, path, purpose }) => [upstreamId, path?.organisationId, purpose]), due: world.kept.get(ID)?.dueTime,
  });
  const ENDED = {
    settled: [["hold", 50n]], records: [[`${ID}/1`, 50n, [{ meter: "input_tokens", quantity: 30n }, { meter: "output_tokens", quantity: 10n }, { meter: "requests", quantity: 2n }]]],
    phase: "ended", files: [["out", "org_1", "batch_output"]], due: undefined,
  };

  test("is settled at the sum of its answers, and on record with its files", async () => {
    const world = worldOf(OUT);
    put(world);
    const object = await advance(world);
    expect(outcome(world)).toEqual(ENDED);
    expect(object && tellBatch(object)).toMatchObject({ id: ID, status: "completed", inputFileId: "file-1", outputFileId: expect.stringMatching(/^file-/) as unknown, errorFileId: undefined, metadata: {}, alfred: { cost: { value: 50n }, held: { value: 1_000n } } });
  });

  test.each(["look", "update", "settle", "record", "create"])("ends the same where %s was cut off, the first time or the second", async (step) => {
    for (const failing of [[step], [step, step]]) {
      const world = worldOf(OUT);
      put(world);
      world.failing.push(...failing);
      await advance(world);
      expect(outcome(world)).toEqual(ENDED);
    }
  });

  test("is told as under way until it is settled", async () => {
    const world = worldOf(OUT);
    put(world);
    world.failing.push("settle");
    await expect(advance(world, 0)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const settling = world.kept.get(ID) as KeptObject;
    expect(tellBatch(settling)).toMatchObject({ status: "finalizing", outputFileId: undefined, alfred: { cost: undefined } });
    expect(settling.dueTime?.getTime()).toBeGreaterThan(Date.now());
  });

  test("keeps what it cost once that is known, whatever is read later", async () => {
    const world = worldOf(OUT);
    put(world);
    world.failing.push("settle");
    await advance(world, 0).catch(() => undefined);
    world.files.set("out", chat("a", used(999, 999)));
    await advance(world);
    expect(outcome(world)).toEqual(ENDED);
  });

  test("counts answers without usage by the input file, and charges all that was held where a file is gone", async () => {
    const world = worldOf({ out: [chat("a", undefined), chat("b", used(20, 5))].join("\n"), in: [asked("a"), asked("b")].join("\n") });
    put(world);
    await advance(world);
    const [record] = world.used.values();
    expect(record).toMatchObject({ source: 2, quantities: expect.arrayContaining([{ meter: "requests", quantity: 2n }]) as unknown });
    expect(record?.cost?.value).toBeGreaterThan(30n);
    const gone = worldOf();
    put(gone);
    await advance(gone);
    expect([...gone.settled]).toEqual([["hold", 1_000n]]);
    expect([...gone.used.values()]).toMatchObject([{ source: 4, cost: { value: 1_000n } }]);
  });

  test("is charged by what is counted here where an answer is said to have taken more than any can", async () => {
    const world = worldOf({ out: chat("a", used(500_000_000, 5)), in: asked("a") });
    put(world);
    await advance(world);
    const [record] = world.used.values();
    expect([record?.source, (record?.cost?.value ?? 0n) < 100n]).toEqual([2, true]);
  });

  test("is charged what was held where a part of it has no price, however many tiers were reached", async () => {
    const tiers = [{ aboveInputTokens: 100n, nanos: 2n }];
    const price = ModelPrice.create({ provider: "openai", model: "m", meters: [{ meter: "input_tokens", nanos: 1n, per: 1n, tiers }] });
    const world = worldOf({ out: [chat("a", used(10, 5)), chat("b", used(200, 5))].join("\n") });
    put(world, { price });
    await advance(world);
    expect([...world.settled]).toEqual([["hold", 1_000n]]);
  });

  test.each([["no JSON", "<html>"], ["a line without an end", "x".repeat(17 * 1024 * 1024)]])("in %s is read again, and once there was time enough charged as it was held", async (_what, text) => {
    const world = worldOf({ out: text });
    const object = put(world, { told: JSON.stringify(world.batch) });
    await expect(advance(world, 0)).rejects.toMatchObject({ code: "PROVIDER_MALFORMED" });
    expect(world.settled.size).toBe(0);
    world.kept.set(ID, { ...object, createTime: new Date(Date.now() - 37 * 3_600_000) });
    await advance(world);
    expect([[...world.settled], [...world.used.values()].map(({ source, cost }) => [source, cost?.value])]).toEqual([[["hold", 1_000n]], [[4, 1_000n]]]);
    expect(outcome(world)).toMatchObject({ phase: "ended", files: [["out", "org_1", "batch_output"]] });
  });

  test("is settled by one of two gateways that look at once, and by whoever asks before them", async () => {
    const world = worldOf(OUT);
    put(world);
    const parts = { ...partsOf(world), log: createLogger({ name: "test", destination: { write: () => undefined } }), lookMs: 1, random: () => 0 };
    await using first = new KeeperWatch(parts);
    await using second = new KeeperWatch(parts);
    expect(first).not.toBe(second);
    await expect.poll(() => stateOf(world.kept.get(ID) as KeptObject).phase).toBe("ended");
    expect(outcome(world)).toEqual(ENDED);
    expect(world.done.filter((step) => step === "settle")).toEqual(["settle"]);
  });
});

describe("a submission", () => {
  const SUBMITTING = { phase: "submitting" as const, reservationId: "" };
  const start = (world: World) => startBatch(partsOf(world), put(world, SUBMITTING), Date.now() + 60_000);
  const phase = (world: World): string | undefined => world.kept.has(ID) ? stateOf(world.kept.get(ID) as KeptObject).phase : undefined;

  test("is paid for and on record before the provider is asked", async () => {
    const world = worldOf();
    expect(tellBatch(await start(world))).toMatchObject({ status: "validating", alfred: { held: { value: 1_000n } } });
    expect([world.done, phase(world)]).toEqual([["reserve", "update", "submit", "update"], "running"]);
  });

  test("that the provider refuses costs nothing and leaves nothing", async () => {
    const world = worldOf();
    world.refusing = "PROVIDER_REJECTED";
    await expect(start(world)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    expect([[...world.settled], phase(world)]).toEqual([[[`lease of ${ID}/hold`, 0n]], undefined]);
  });

  test("of which nothing is heard is told of, and found out about later", async () => {
    const world = worldOf();
    world.refusing = "PROVIDER_TIMEOUT";
    expect(tellBatch(await start(world)).status).toBe("validating");
    expect([phase(world), world.settled.size]).toEqual(["submitting", 0]);
  });

  test.each<[string, string, string[]]>([
    ["reserve", "failed", ["reserve"]],
    ["update", "failed", ["update"]],
  ])("that is cut off at %s never runs, and its money goes back", async (_step, after, failing) => {
    const world = worldOf();
    world.failing.push(...failing);
    await expect(start(world)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(world.done).not.toContain("submit");
    world.batch = undefined;
    await advance(world);
    expect([phase(world), [...world.settled]]).toEqual([after, [[`lease of ${ID}/hold`, 0n]]]);
  });

  test("that somebody gave up meanwhile is not gone on with", async () => {
    const world = worldOf();
    const stale = put(world, SUBMITTING);
    world.batch = undefined;
    await advance(world);
    await expect(startBatch(partsOf(world), stale, Date.now() + 60_000)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(world.done).not.toContain("submit");
  });
});

describe("two at once", () => {
  test("a gateway that stood still while a batch was given up ends it at the provider", async () => {
    const world = worldOf();
    const object = put(world, { phase: "submitting", reservationId: "" });
    world.meanwhile = () => put(world, { phase: "failed", reservationId: "hold" });
    expect(tellBatch(await startBatch(partsOf(world), object, Date.now() + 60_000))).toMatchObject({ status: "failed" });
    expect(world.done.slice(-2)).toEqual(["update", "cancel"]);
  });

  test("who cancels a batch that somebody looked at meanwhile is told of it as that left it", async () => {
    const world = worldOf();
    const stale = put(world, { told: JSON.stringify({ ...world.batch, status: "in_progress" }) });
    world.kept.set(ID, { ...stale, version: 2n });
    expect(tellBatch(await cancelBatch(partsOf(world), stale, ASKING))).toMatchObject({ id: ID, status: "in_progress" });
    expect(world.done).toEqual(["cancel", "update"]);
  });
});

describe("a submission that was cut off", () => {
  const SUBMITTING = { phase: "submitting" as const, reservationId: "" };

  test("is gone on with where the provider has it", async () => {
    const world = worldOf();
    world.batch = { ...world.batch, status: "in_progress" };
    put(world, { ...SUBMITTING, reservationId: "hold" });
    await advance(world);
    expect(world.kept.get(ID)).toMatchObject({ upstreamId: "up-1" });
    expect([stateOf(world.kept.get(ID) as KeptObject).phase, world.settled.size]).toEqual(["running", 0]);
  });

  test.each([["before its money was held", ""], ["after", "hold"]])("is given up, and its money back, where the provider does not have it: %s", async (_when, reservationId) => {
    const world = worldOf();
    world.batch = undefined;
    put(world, { ...SUBMITTING, reservationId });
    world.failing.push("look", "settle", "update");
    const object = await advance(world);
    expect([...world.settled]).toEqual([[reservationId || `lease of ${ID}/hold`, 0n]]);
    expect(object && tellBatch(object)).toMatchObject({ status: "failed", alfred: { cost: { value: 0n } } });
    expect(object?.dueTime).toBeUndefined();
  });

  test("another batch of the provider's is not taken for it", async () => {
    const world = worldOf();
    world.batch = { ...world.batch, metadata: { alfred_batch_id: "batch_2" } };
    put(world, SUBMITTING);
    await advance(world);
    expect(stateOf(world.kept.get(ID) as KeptObject).phase).toBe("failed");
  });
});

describe("a batch that its provider does not know any more", () => {
  const HOUR_MS = 3_600_000;
  const TOLD = JSON.stringify({ id: "up-1", object: "batch", status: "in_progress", created_at: 1, metadata: { alfred_batch_id: ID, of: "ours" } });
  const lost = (hours: number): World => {
    const world = worldOf();
    world.batch = undefined;
    world.kept.set(ID, { ...put(world, { told: TOLD }), createTime: new Date(Date.now() - hours * HOUR_MS) });
    return world;
  };

  test("is told as it was last seen, asked for again, and cannot be cancelled", async () => {
    const world = lost(35);
    await expect(advance(world, 0)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    const key = { id: "key_1", path: world.kept.get(ID)?.path };
    const context = { principal: { role: 1, keyId: "key_1", organisationId: "org_1", key }, signal: new AbortController().signal, deadline: Date.now() + HOUR_MS } as unknown as CallContext;
    expect((await getBatch(partsOf(world), { id: ID }, context)).batch).toMatchObject({ id: ID, status: "in_progress", metadata: { of: "ours" } });
    await expect(cancelBatch(partsOf(world), world.kept.get(ID) as KeptObject, { signal: context.signal, deadlineMs: context.deadline })).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(world.settled.size).toBe(0);
  });

  test.each([TOLD, ""])("is given up once its day is long over, and all that was held is charged once: last told %j", async (told) => {
    const world = lost(37);
    world.kept.set(ID, { ...put(world, { told }), createTime: new Date(Date.now() - 37 * HOUR_MS) });
    world.failing.push("look", "update", "settle", "record");
    const object = await advance(world);
    expect([...world.settled]).toEqual([["hold", 1_000n]]);
    expect([...world.used.values()]).toMatchObject([{ source: 4, cost: { value: 1_000n } }]);
    expect(object && tellBatch(object)).toMatchObject({ id: ID, status: "failed", outputFileId: undefined, alfred: { cost: { value: 1_000n } } });
    expect(object?.dueTime).toBeUndefined();
  });
});
