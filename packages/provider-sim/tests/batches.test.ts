import OpenAI, { AzureOpenAI, toFile } from "openai";
import { describe, expect, test } from "vitest";
import { startSim } from "./sim-client.ts";

const chat = (id: string, content: string, body: object = {}) =>
  JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "sim-chat", messages: [{ role: "user", content }], ...body } });

async function upload(client: OpenAI, lines: readonly string[]): Promise<string> {
  return (await client.files.create({ purpose: "batch", file: await toFile(Buffer.from(lines.join("\n")), "in.jsonl") })).id;
}

function create(client: OpenAI, input: string, sim?: string): Promise<OpenAI.Batch> {
  return client.batches.create({ input_file_id: input, endpoint: "/v1/chat/completions", completion_window: "24h", ...(sim !== undefined && { metadata: { sim } }) });
}

interface Line {
  readonly custom_id: string;
  readonly response: { readonly status_code: number } | null;
}

async function linesOf(client: OpenAI, id: string | null | undefined): Promise<Line[]> {
  const text = await (await client.files.content(id ?? "")).text();
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
}

describe("files", () => {
  test("are kept, listed newest first, read and deleted", async () => {
    const { client } = await startSim();
    const bytes = Buffer.from([0, 255, 13, 10, 13, 10, 45, 45]);
    const first = await client.files.create({ purpose: "user_data", file: await toFile(bytes, "a b.bin") });
    const second = await client.files.create({ purpose: "batch", file: await toFile(Buffer.from("{}"), "in.jsonl") });
    expect(first).toMatchObject({ object: "file", bytes: 8, filename: "a b.bin", purpose: "user_data", status: "processed" });
    expect((await client.files.list()).data.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await client.files.list({ limit: 1, after: second.id })).data.map(({ id }) => id)).toEqual([first.id]);
    expect((await client.files.list({ purpose: "batch", order: "asc" })).data).toEqual([second]);
    expect(Buffer.from(await (await client.files.content(first.id)).arrayBuffer())).toEqual(bytes);
    expect(await client.files.delete(first.id)).toEqual({ id: first.id, object: "file", deleted: true });
    await expect(client.files.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  });

  test("are refused for a purpose that there is not, and batches for what is no JSONL", async () => {
    const { client } = await startSim();
    await expect(client.files.create({ purpose: "fun" as never, file: await toFile(Buffer.from("x"), "x") })).rejects.toMatchObject({ status: 400, param: "purpose" });
    await expect(client.files.create({ purpose: "batch", file: await toFile(Buffer.from("x"), "x.txt") })).rejects.toMatchObject({ status: 400, param: "file" });
  });
});

describe("batches", () => {
  test("run each request as its endpoint would, and tell what failed apart", async () => {
    const { client } = await startSim();
    const made = await create(client, await upload(client, [chat("a", "one two"), chat("b", "x [[sim: status=500]]"), chat("c", "y", { temperature: 9 })]));
    expect(made).toMatchObject({ object: "batch", status: "validating", output_file_id: null });
    const done = await client.batches.retrieve(made.id);
    expect(done).toMatchObject({ status: "completed", request_counts: { total: 3, completed: 1, failed: 2 } });
    const [answered] = await linesOf(client, done.output_file_id);
    expect(answered).toMatchObject({ custom_id: "a", error: null, response: { status_code: 200, body: { object: "chat.completion", usage: { prompt_tokens: 5 } } } });
    expect((await linesOf(client, done.error_file_id)).map(({ custom_id, response }) => [custom_id, response?.status_code])).toEqual([["b", 500], ["c", 400]]);
    expect((await client.batches.list()).data.map(({ id }) => id)).toEqual([made.id]);
  });

  test.each<[string, string[]]>([
    ["no JSON", ["{"]],
    ["a custom_id twice", [chat("a", "x"), chat("a", "y")]],
    ["another endpoint", [JSON.stringify({ custom_id: "a", method: "POST", url: "/v1/embeddings", body: {} })]],
  ])("fail for %s in their input", async (_what, lines) => {
    const { client } = await startSim();
    const { id } = await create(client, await upload(client, lines));
    expect(await client.batches.retrieve(id)).toMatchObject({ status: "failed", errors: { data: [{ line: lines.length }] }, output_file_id: null });
  });

  test("that are cancelled, or take too long, keep what was done", async () => {
    let now = 1_800_000_000_000;
    const { client } = await startSim({ now: () => now });
    const input = await upload(client, [chat("a", "x"), chat("b", "y"), chat("c", "z")]);
    const ended = async (sim: string, end: (id: string) => Promise<unknown>): Promise<OpenAI.Batch> => {
      const { id } = await create(client, input, sim);
      now += 1_500;
      expect((await client.batches.retrieve(id)).request_counts).toMatchObject({ completed: 1 });
      await end(id);
      return client.batches.retrieve(id);
    };
    const cancelled = await ended("line_ms=1000", (id) => client.batches.cancel(id));
    const expired = await ended("line_ms=1000 window_ms=2000", () => Promise.resolve((now += 1_000)));
    expect([cancelled.status, (await linesOf(client, cancelled.output_file_id)).length, (await linesOf(client, cancelled.error_file_id)).length]).toEqual(["cancelled", 1, 2]);
    expect([expired.status, (await linesOf(client, expired.output_file_id)).length]).toEqual(["expired", 2]);
    expect((await linesOf(client, expired.error_file_id))[0]).toMatchObject({ custom_id: "c", response: null, error: { code: "batch_expired" } });
  });

  test("are refused for a window, an endpoint or a file that there is not", async () => {
    const { client } = await startSim();
    const input = await upload(client, [chat("a", "x")]);
    const body = { input_file_id: input, endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
    for (const [field, value] of Object.entries({ completion_window: "1h", endpoint: "/v1/images/generations", input_file_id: "file-none" })) {
      await expect(client.batches.create({ ...body, [field]: value })).rejects.toMatchObject({ status: 400, param: field });
    }
  });

  test("are kept by Azure and Groq, too, each apart", async () => {
    const { url } = await startSim();
    const azure = new AzureOpenAI({ endpoint: `${url}/azure`, apiKey: "k", apiVersion: "2024-10-21", maxRetries: 0 });
    const groq = new OpenAI({ baseURL: `${url}/groq/openai/v1`, apiKey: "k", maxRetries: 0 });
    for (const client of [azure, groq]) {
      const { id } = await create(client, await upload(client, [chat("a", "x")]));
      expect((await client.batches.retrieve(id)).status).toBe("completed");
      expect((await client.batches.list()).data).toHaveLength(1);
    }
  });
});
