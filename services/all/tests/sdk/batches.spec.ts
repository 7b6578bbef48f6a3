import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { toFile } from "openai";
import { describe, expect, test } from "vitest";
import { createTenant } from "../admin.ts";
import { caseHeader, echo, type Running, thrownBy } from "./asked.ts";
import { costOf } from "./charge.ts";
import type { UsageRecord } from "./records.ts";

const MODEL = "gpt-4o-mini";
const URL = "/v1/chat/completions";
const WAIT_MS = 20_000;

/** What a line is answered with. */
interface Answered {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: OpenAI.ChatCompletion };
}

/** A batch as it is told here. */
type Told = OpenAI.Batch & { readonly alfred: { readonly provider: string; readonly held_usd: string; readonly cost_usd?: string } };

/** Batches as OpenAI's official client for Node runs them: paid for before they are, and charged by what was done. */
export function batchesSpec(running: () => Running): void {
  const clientOf = (apiKey: string, headers: Record<string, string>): OpenAI => new OpenAI({ apiKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: headers });
  const demo = (name: string, provider = "openai"): OpenAI => clientOf(running().mesh.demoKey, { ...caseHeader(name), "x-alfred-provider": provider });
  const stranger = async (limits = {}): Promise<OpenAI> => clientOf((await createTenant(running().mesh, limits)).key, { "x-alfred-provider": "openai" });

  describe("batches of openai-node", () => {
    test.each(["openai", "azure", "groq"])("run at %s, and are charged at half the price of what they used", async (provider) => {
      const name = `batch-${provider}`;
      const client = demo(name, provider);
      const model = provider === "groq" ? "llama-3.3-70b-versatile" : MODEL;
      const prompts = ["one", "two words", "three words 🌿"];
      const made = await make(client, await upload(client, prompts.map((prompt, index) => line(`c${index}`, prompt, { model }))), { metadata: { run: "7" } });
      expect(made).toMatchObject({ object: "batch", status: "validating", endpoint: URL, completion_window: "24h", metadata: { run: "7" }, output_file_id: null, alfred: { provider } });
      expect(made.id).toMatch(/^batch_[0-9a-f]{32}$/);
      const done = await ended(client, made.id);
      expect(done).toMatchObject({ id: made.id, status: "completed", request_counts: { total: 3, completed: 3, failed: 0 }, metadata: { run: "7" }, error_file_id: null });
      const answers = await answersOf(client, done.output_file_id);
      expect(answers.map(({ custom_id: id, response }) => [id, response.body.choices[0]?.message.content])).toEqual(prompts.map((prompt, index) => [`c${index}`, echo(prompt)]));
      expect(await client.files.retrieve(done.output_file_id ?? "")).toMatchObject({ purpose: "batch_output", filename: `${made.id}_output.jsonl` });
      const [record] = await running().records.of(name);
      expect(record).toMatchObject({ operation: "batch", requestId: made.id, provider, model, source: "USAGE_SOURCE_REPORTED", outcome: "ATTEMPT_OUTCOME_ANSWERED" });
      expect(sumOf(record, "requests")).toBe(3);
      expect(sumOf(record, "input_tokens")).toBe(answers.reduce((sum, { response }) => sum + (response.body.usage?.prompt_tokens ?? 0), 0));
      const price = await running().records.priceOf(record as UsageRecord);
      expect(price % 2n).toBe(0n);
      expect(record && costOf(record)).toBe(price / 2n);
      expect(BigInt(Math.round(Number(done.alfred.cost_usd) * 1e9))).toBe(price / 2n);
      expect((await client.batches.list({ limit: 100 })).data.map(({ id }) => id)).toContain(made.id);
    });

    test("run what else can be asked for", async () => {
      const client = demo("batch-faces");
      const bodies = { "/v1/responses": { model: MODEL, input: "Hello", store: false }, "/v1/embeddings": { model: "text-embedding-3-small", input: "Hello" }, "/v1/moderations": { model: "omni-moderation-latest", input: "Hello" }, "/v1/completions": { model: "gpt-3.5-turbo-instruct", prompt: "Hello", max_tokens: 8 } };
      for (const [url, body] of Object.entries(bodies)) {
        const input = await upload(client, [JSON.stringify({ custom_id: "a", method: "POST", url, body })]);
        const { id } = await make(client, input, { endpoint: url as "/v1/responses" });
        expect(await ended(client, id), url).toMatchObject({ status: "completed", request_counts: { completed: 1 } });
      }
      const records = await running().records.of("batch-faces", 4);
      expect(records.map(({ model, source }) => [model, source === "USAGE_SOURCE_REPORTED"])).toEqual([[MODEL, true], ["text-embedding-3-small", true], ["omni-moderation-latest", true], ["gpt-3.5-turbo-instruct", true]]);
    });

    test("count what the provider does not, charge no errors, and tell them", async () => {
      const client = demo("batch-uncounted");
      const lines = [line("a", "How long is this? [[sim: no_usage]]"), line("b", "[[sim: status=500]]"), line("c", "counted")];
      const done = await ended(client, (await make(client, await upload(client, lines))).id);
      expect(done).toMatchObject({ status: "completed", request_counts: { total: 3, completed: 2, failed: 1 } });
      expect((await answersOf(client, done.error_file_id)).map(({ custom_id: id, response }) => [id, response.status_code])).toEqual([["b", 500]]);
      const [record] = await running().records.of("batch-uncounted");
      expect(record).toMatchObject({ source: "USAGE_SOURCE_ESTIMATED" });
      expect(sumOf(record, "requests")).toBe(2);
      expect(sumOf(record, "input_tokens")).toBeGreaterThan(10);
    });

    test("that are cancelled half-way are charged what was done", async () => {
      const client = demo("batch-cancelled");
      const { id } = await make(client, await upload(client, Array.from({ length: 50 }, (_, index) => line(`c${index}`, "Hello"))), { metadata: { sim: "line_ms=500" } });
      await until(async () => ((await client.batches.retrieve(id)).request_counts?.completed ?? 0) > 0);
      await client.batches.cancel(id);
      const done = await ended(client, id);
      const answers = await answersOf(client, done.output_file_id);
      expect(done.status).toBe("cancelled");
      expect(answers.length).toBeLessThan(50);
      const [record] = await running().records.of("batch-cancelled");
      expect(sumOf(record, "requests")).toBe(answers.length);
      expect(await thrownBy(client.batches.cancel(id))).toMatchObject({ status: 409 });
    });

    test("are another organisation's to nobody, nor are their files", async () => {
      const [owner, other] = [await stranger(), await stranger()];
      const input = await upload(owner, [line("a", "Hello")]);
      const { id } = await make(owner, input);
      const done = await ended(owner, id);
      const foreign = [
        () => make(other, input), () => other.batches.retrieve(id), () => other.batches.cancel(id), () => other.batches.list({ after: id }),
        () => other.files.content(done.output_file_id ?? ""), () => other.files.delete(done.output_file_id ?? ""), () => other.files.retrieve(input),
      ];
      for (const ask of foreign) expect(await thrownBy(ask())).toMatchObject({ status: 404, code: "not_found" });
      expect((await other.batches.list()).data).toEqual([]);
      expect((await owner.batches.list()).data.map((batch) => batch.id)).toEqual([id]);
    });

    test("are held for until they are settled, whatever the organisation's administrator says", async () => {
      const { admin, key, organisationId } = await createTenant(running().mesh, { organisation: 10_000_000_000n });
      const client = clientOf(key, { "x-alfred-provider": "openai" });
      const { id, alfred } = await make(client, await upload(client, [line("a", "Hello"), line("b", "Hello")]), { metadata: { sim: "line_ms=2000" } });
      const held = BigInt(Math.round(Number(alfred.held_usd) * 1e9));
      expect(held).toBeGreaterThan(0n);
      expect(await admin.balance(organisationId)).toMatchObject({ held, posted: 0n });
      const { transfers } = (await admin.ok("GET", `accounts/${organisationId}/transfers`)) as { transfers: { reservationId?: string }[] };
      const reservation = transfers[0]?.reservationId;
      expect(reservation).toMatch(/^lease_/);
      expect((await admin.call("POST", `reservations/${reservation}:settle`, { requestId: crypto.randomUUID(), amounts: [] })).status).toBe(404);
      const done = await ended(client, id);
      const cost = BigInt(Math.round(Number(done.alfred.cost_usd) * 1e9));
      expect(cost > 0n && cost < held).toBe(true);
      expect(await admin.balance(organisationId)).toMatchObject({ held: 0n, posted: cost });
    });

    test("that the budget does not pay for are not submitted, and leave nothing", async () => {
      const client = await stranger({ key: 1_000n });
      const input = await upload(client, [line("a", "Hello")]);
      expect(await thrownBy(make(client, input))).toMatchObject({ status: 402, code: "insufficient_quota" });
      expect((await client.batches.list()).data).toEqual([]);
    });

    test("are made once under one idempotency key", async () => {
      const client = await stranger();
      const input = await upload(client, [line("a", "Hello")]);
      const once = (metadata: Record<string, string>) => client.batches.create({ input_file_id: input, endpoint: URL, completion_window: "24h", metadata }, { headers: { "idempotency-key": "batch-once" } });
      const { id } = await once({});
      expect((await once({})).id).toBe(id);
      expect((await client.batches.list()).data).toHaveLength(1);
      expect(await thrownBy(once({ other: "1" }))).toMatchObject({ status: 409, code: "request_id_reused" });
    });

    test.each<[string, string[], object]>([
      ["no JSON", ["{"], { status: 400, message: expect.stringContaining("Line 1") as unknown }],
      ["a name twice", [line("a", "x"), line("a", "y")], { status: 400, message: expect.stringContaining("Line 2") as unknown }],
      ["another URL", [JSON.stringify({ custom_id: "a", method: "POST", url: "/v1/embeddings", body: {} })], { status: 400 }],
      ["another method", [JSON.stringify({ custom_id: "a", method: "GET", url: URL, body: {} })], { status: 400 }],
      ["two models", [line("a", "x"), line("b", "y", { model: "gpt-4o" })], { status: 400, message: expect.stringContaining("gpt-4o") as unknown }],
      ["a model by another name than the provider's", [line("a", "x", { model: "openai/gpt-4o-mini" })], { status: 400, message: expect.stringContaining("body.model") as unknown }],
      ["a stream", [line("a", "x", { stream: true })], { status: 400 }],
      ["a file of the operator's", [JSON.stringify({ custom_id: "a", method: "POST", url: URL, body: { model: MODEL, messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }] } })], { status: 400 }],
      ["a model that nobody serves", [line("a", "x", { model: "no-such-model" })], { status: 404, code: "model_not_found" }],
      ["nothing", ["", " "], { status: 400 }],
    ])("are refused for %s in their input", async (_what, lines, refusal) => {
      const client = demo("batch-refused");
      expect(await thrownBy(make(client, await upload(client, lines)))).toMatchObject(refusal);
    });
  });
}

function line(id: string, content: string, body: object = {}): string {
  return JSON.stringify({ custom_id: id, method: "POST", url: URL, body: { model: MODEL, messages: [{ role: "user", content }], max_tokens: 64, ...body } });
}

async function upload(client: OpenAI, lines: readonly string[]): Promise<string> {
  return (await client.files.create({ purpose: "batch", file: await toFile(Buffer.from(lines.join("\n")), "in.jsonl") })).id;
}

async function make(client: OpenAI, input: string, more: Partial<OpenAI.BatchCreateParams> = {}): Promise<Told> {
  return (await client.batches.create({ input_file_id: input, endpoint: URL, completion_window: "24h", ...more })) as Told;
}

async function ended(client: OpenAI, id: string): Promise<Told> {
  let told: Told | undefined;
  await until(async () => {
    told = (await client.batches.retrieve(id)) as Told;
    return ["completed", "failed", "expired", "cancelled"].includes(told.status);
  });
  return told as Told;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUp = AbortSignal.timeout(WAIT_MS); !(await isSo()); await pause(50)) giveUp.throwIfAborted();
}

async function answersOf(client: OpenAI, id: string | null | undefined): Promise<Answered[]> {
  const text = await (await client.files.content(id ?? "")).text();
  return text.trimEnd().split("\n").map((each) => JSON.parse(each) as Answered);
}

function sumOf(record: UsageRecord | undefined, wanted: string): number {
  return Number(record?.quantities?.find(({ meter }) => meter === wanted)?.quantity ?? 0);
}
