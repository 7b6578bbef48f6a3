import { ModelPrice, ProviderKind, UsageSource } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { DialectServer, type Reply } from "./dialect-server.ts";
import { SPOKEN, type Spoken } from "./dialect-fixtures.ts";
import { price } from "./peers.ts";
import { Rig, UPSTREAM_SECRET, chatOf, failureOf, hear, textOf } from "./rig.ts";

const KINDS = { anthropic: ProviderKind.PROVIDER_KIND_ANTHROPIC, gemini: ProviderKind.PROVIDER_KIND_GEMINI, cohere: ProviderKind.PROVIDER_KIND_COHERE };
/** Nano-dollars per token. */
const [INPUT, CACHED, OUTPUT] = [1_000n, 100n, 2_000n];

/** A gateway with one provider of that dialect, which answers as it is told. */
class Scene implements AsyncDisposable {
  readonly rig: Rig;
  readonly server: DialectServer;
  readonly #spoken: Spoken;

  private constructor(rig: Rig, server: DialectServer, spoken: Spoken) {
    this.rig = rig;
    this.server = server;
    this.#spoken = spoken;
  }

  static async of(spoken: Spoken, reply: Reply, options: { budget?: bigint; maxOutputTokens?: bigint } = {}): Promise<Scene> {
    const server = await DialectServer.start();
    server.answer(reply);
    const { name, model, basePath } = spoken;
    const providers = [{ id: name, kind: KINDS[name], baseUrl: server.url + basePath, secret: UPSTREAM_SECRET, priceBook: name }];
    const meters = [price("input_tokens", INPUT * 1_000_000n), price("cache_read_tokens", CACHED * 1_000_000n), price("output_tokens", OUTPUT * 1_000_000n)];
    const { maxOutputTokens } = options;
    const prices = [ModelPrice.create({ provider: name, model, contextWindow: 200_000n, meters, ...(maxOutputTokens && { maxOutputTokens }) })];
    const peers = { providers, prices, ...(options.budget && { budget: options.budget }) };
    return new Scene(await Rig.start({ peers }), server, spoken);
  }

  chat(fields: Readonly<Record<string, unknown>> = {}) {
    return this.rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: this.#spoken.model, ...fields }) });
  }

  stream(fields: Readonly<Record<string, unknown>> = {}) {
    const asked = { model: this.#spoken.model, stream_options: { include_usage: true }, ...fields };
    return hear(this.rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", asked) }));
  }

  /** Resolves with what was charged, once all of it is. */
  async charged(): Promise<bigint> {
    const { wallet } = this.rig.peers;
    await wallet.settled();
    if (wallet.held > 0n) throw new Error(`${wallet.held} nano-dollars are still held.`);
    return wallet.posted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

const tools = ["weather", "now"].map((name) => ({ type: "function", function: { name, parameters: { type: "object", properties: { city: { type: "string" } } } } }));
const chunksOf = ({ events }: Awaited<ReturnType<typeof hear>>) => events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));

describe.each(SPOKEN.map((spoken) => [spoken.name, spoken] as const))("a provider that speaks %s", (_, spoken) => {
  const cost = (20n - spoken.cachedTokens) * INPUT + spoken.cachedTokens * CACHED + 5n * OUTPUT;

  test("answers a chat, which is charged as it reports", async () => {
    await using scene = await Scene.of(spoken, { json: spoken.answer });
    const { completion, receipt } = await scene.chat({ max_tokens: 100 });
    expect(completion).toMatchObject({ object: "chat.completion", model: spoken.model });
    expect(completion?.id).not.toBe("");
    expect(completion?.created).toBeGreaterThan(0n);
    expect(completion?.choices).toMatchObject([{ message: { content: { value: "Grüezi 🌿." } }, finishReason: "stop" }]);
    expect(completion?.usage).toMatchObject({ promptTokens: 20n, completionTokens: 5n, totalTokens: 25n });
    expect(receipt).toMatchObject({ provider: spoken.name, model: spoken.model, attempts: 1, usageSource: UsageSource.USAGE_SOURCE_REPORTED, cost: { value: cost } });
    expect(await scene.charged()).toBe(cost);
    const { path, headers, body } = scene.server.last ?? { path: "", headers: {}, body: {} };
    expect(path).toBe(spoken.chatPath);
    const [header, value] = spoken.credentials;
    expect(headers[header]).toBe(value(UPSTREAM_SECRET));
    expect(spoken.limitOf(body)).toBe(100);
  });

  test.each([["whole", undefined], ["byte by byte", 1], ["in pieces of seven bytes", 7]])("streams an answer %s, with its usage at the end", async (_way, pieceBytes) => {
    await using scene = await Scene.of(spoken, { stream: spoken.stream, ...(pieceBytes && { pieceBytes }) });
    const heard = await scene.stream({ max_tokens: 100 });
    expect(heard.error).toBeUndefined();
    expect(textOf(heard)).toBe("Grüezi 🌿.");
    const chunks = chunksOf(heard);
    expect(new Set(chunks.map(({ id, created, model, object }) => `${id} ${created > 0n} ${model} ${object}`)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ object: "chat.completion.chunk", model: spoken.model });
    expect(chunks.flatMap(({ choices }) => choices.flatMap(({ finishReason }) => finishReason ?? []))).toEqual(["stop"]);
    expect(chunks.filter(({ usage }) => usage !== undefined)).toHaveLength(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { promptTokens: 20n, completionTokens: 5n }, alfred: { cost: { value: cost } } });
    expect(await scene.charged()).toBe(cost);
    expect(scene.server.last?.path).toBe(spoken.streamPath);
  });

  test("calls tools at once, one of them without arguments", async () => {
    await using scene = await Scene.of(spoken, { stream: spoken.calls });
    const heard = await scene.stream({ max_tokens: 100, tools });
    expect(heard.error).toBeUndefined();
    const pieces = chunksOf(heard).flatMap(({ choices }) => choices.flatMap(({ delta }) => delta?.toolCalls ?? []));
    const calls = [0, 1].map((index) => {
      const own = pieces.filter((piece) => (piece.index ?? 0) === index);
      const written: unknown = JSON.parse(own.map((piece) => piece.function?.arguments ?? "").join("") || "{}");
      return [own.map((piece) => piece.function?.name ?? "").join(""), written];
    });
    expect(calls).toEqual([["weather", { city: "Zürich" }], ["now", {}]]);
    expect(chunksOf(heard).flatMap(({ choices }) => choices.flatMap(({ finishReason }) => finishReason ?? []))).toEqual(["tool_calls"]);
    expect(JSON.stringify(scene.server.last?.body)).toContain('"weather"');
  });

  test("is asked again where it limits the rate, and charged once", async () => {
    await using scene = await Scene.of(spoken, { json: spoken.answer });
    scene.server.answer({ ...spoken.refusals.limited, headers: { "retry-after-ms": "1" } }, { json: spoken.answer });
    expect((await scene.chat({ max_tokens: 100 })).receipt).toMatchObject({ attempts: 2, cost: { value: cost } });
    expect(await scene.charged()).toBe(cost);
  });

  test.each([
    ["wrong", "PROVIDER_REJECTED", "messages: wrong"],
    ["credentials", "PROVIDER_UNAUTHENTICATED", `The provider ${spoken.name} refused the credentials that are configured for it.`],
  ] as const)("refuses what is %s, which costs nothing", async (why, code, message) => {
    await using scene = await Scene.of(spoken, spoken.refusals[why]);
    const failure = await failureOf(scene.chat({ max_tokens: 100 }));
    expect(failure).toMatchObject({ code, message, metadata: { provider: spoken.name } });
    expect(await scene.charged()).toBe(0n);
    expect(scene.server.requests).toHaveLength(1);
  });

  test.each([["fails", { stream: spoken.fault }], ["breaks off", { stream: spoken.stream.subarray(0, spoken.stream.length - 40), end: "breaks off" }], ["ends", { stream: spoken.stream.subarray(0, spoken.stream.length - 40) }]] as const)(
    "whose stream %s before its end is charged for what came", async (_how, reply) => {
      await using scene = await Scene.of(spoken, reply);
      const heard = await scene.stream({ max_tokens: 100 });
      expect(heard.error?.code).toBe("PROVIDER_STREAM_BROKEN");
      expect(textOf(heard)).toContain("Grüezi ");
      const charged = await scene.charged();
      expect(charged).toBeGreaterThan(0n);
      const [record] = await scene.rig.peers.recorded(1);
      expect(record).toMatchObject({ reason: "PROVIDER_STREAM_BROKEN", cost: { value: charged } });
    });

  test("that answers with something else is not understood", async () => {
    await using scene = await Scene.of(spoken, { stream: Buffer.from("data: {broken\n\n") });
    expect((await scene.stream({ max_tokens: 100 })).error?.code).toBe("PROVIDER_MALFORMED");
    scene.server.answer({ json: [] });
    expect(await failureOf(scene.chat({ max_tokens: 100 }))).toMatchObject({ code: "PROVIDER_MALFORMED" });
  });

  test("refuses fields that it cannot serve before any money is held, by the client's names", async () => {
    await using scene = await Scene.of(spoken, { json: spoken.answer });
    const odd = { max_tokens: 100, logit_bias: { "50256": -100 }, store: true };
    const failure = await failureOf(scene.chat(odd));
    expect(failure).toMatchObject({ code: "FEATURE_UNSUPPORTED", metadata: { provider: spoken.name } });
    expect(failure.metadata["fields"]?.split(", ").toSorted()).toEqual(["logit_bias", "store"]);
    expect(failure.hint).toContain("drop_unsupported");
    expect(scene.server.requests).toHaveLength(0);
    expect(scene.rig.peers.wallet.calls.filter((call) => !call.startsWith("hello"))).toEqual([]);

    await scene.chat({ ...odd, drop_unsupported: true });
    expect(Object.keys(scene.server.last?.body ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/logit|store|drop/)]));
    expect(await failureOf(scene.chat({ ...odd, drop_unsupported: "yes" }))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "drop_unsupported" } });
  });

  test("is told the limit that a budget leaves", async () => {
    await using scene = await Scene.of(spoken, { json: spoken.answer }, { budget: 400_000n });
    scene.rig.peers.wallet.clamps = true;
    await scene.chat({ max_tokens: 10_000 });
    const limit = spoken.limitOf(scene.server.last?.body ?? {});
    expect(limit).toBeGreaterThan(10);
    expect(limit).toBeLessThan(200);
  });
});

describe("a provider that takes no chat without a limit", () => {
  const [anthropic] = SPOKEN as readonly [Spoken];

  test.each([["its own longest answer", undefined, 64_000], ["the price book's", 8_192n, 8_192]])("is told %s, and that is held", async (_, maxOutputTokens, expected) => {
    await using scene = await Scene.of(anthropic, { json: anthropic.answer }, { ...(maxOutputTokens && { maxOutputTokens }) });
    await scene.chat();
    expect(scene.server.last?.body["max_tokens"]).toBe(expected);
    await scene.charged();
  });

  test("is left once it says that its answer is over, though it holds the line", async () => {
    await using scene = await Scene.of(anthropic, { stream: anthropic.stream, end: "stays open" });
    const heard = await scene.stream({ max_tokens: 100 });
    expect(heard.error).toBeUndefined();
    expect(textOf(heard)).toBe("Grüezi 🌿.");
  });
});

describe("embeddings", () => {
  const ask = (scene: Scene, model: string, fields: object = {}) =>
    scene.rig.gateway.createEmbedding({ call: undefined, embedding: { model, input: { $case: "texts", value: { values: ["a", "b"] } }, extra: {}, ...fields } });
  const [anthropic, gemini, cohere] = SPOKEN as readonly [Spoken, Spoken, Spoken];

  // Sources: https://ai.google.dev/api/embeddings, https://docs.cohere.com/reference/embed
  test.each([
    ["gemini", gemini, { embeddings: [{ values: [0.5, -1] }, { values: [0, 1] }], usageMetadata: { promptTokenCount: 3 } }, "/v1beta/models/gemini-2.5-flash:batchEmbedContents"],
    ["cohere", cohere, { id: "e1", embeddings: { float: [[0.5, -1], [0, 1]] }, texts: ["a", "b"], meta: { billed_units: { input_tokens: 3 } } }, "/v2/embed"],
  ] as const)("of %s come as numbers, or as base64 to who asks for it", async (_, spoken, json, path) => {
    await using scene = await Scene.of(spoken, { json });
    const { list, receipt } = await ask(scene, spoken.model);
    expect(list?.data.map(({ embedding }) => embedding)).toEqual([{ $case: "floats", value: { values: [0.5, -1] } }, { $case: "floats", value: { values: [0, 1] } }]);
    expect(receipt?.cost?.value).toBe(3n * INPUT);
    expect(scene.server.last?.path).toBe(path);
    const base64 = await ask(scene, spoken.model, { encodingFormat: "base64" });
    expect(base64.list?.data[0]?.embedding).toEqual({ $case: "base64", value: Buffer.from(new Float32Array([0.5, -1]).buffer).toString("base64") });
  });

  test("are not to be had of a provider without them, which costs nothing", async () => {
    await using scene = await Scene.of(anthropic, { json: anthropic.answer });
    expect(await failureOf(ask(scene, anthropic.model))).toMatchObject({ code: "FEATURE_UNSUPPORTED" });
    expect(scene.server.requests).toHaveLength(0);
  });
});

describe("Azure", () => {
  test.each([
    ["", "", "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21"],
    ["", "2025-01-01-preview", "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2025-01-01-preview"],
    ["/openai/v1", "", "/openai/v1/chat/completions"],
    ["/openai/v1", "preview", "/openai/v1/chat/completions?api-version=preview"],
  ])("at %j in version %j has its models behind %s, and its key in a header of its own", async (basePath, apiVersion, path) => {
    await using server = await DialectServer.start();
    // Source: https://learn.microsoft.com/azure/ai-services/openai/reference
    server.answer({ json: { id: "c1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } } });
    await using rig = await Rig.start({ peers: { providers: [{ id: "azure", kind: ProviderKind.PROVIDER_KIND_AZURE, baseUrl: server.url + basePath, apiVersion, secret: UPSTREAM_SECRET }] } });
    const { completion } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(completion).toMatchObject({ id: "c1", created: 1n });
    expect(server.last?.path).toBe(path);
    expect(server.last?.headers).toMatchObject({ "api-key": UPSTREAM_SECRET });
    expect(server.last?.headers.authorization).toBeUndefined();
  });
});
