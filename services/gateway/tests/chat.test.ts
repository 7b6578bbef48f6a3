import { AccountKind, AttemptOutcome, Deployment, Provider, UsageSource } from "@alfred/contracts";
import { LARGE_INTEGER, countSimTokens } from "@alfred/provider-sim";
import { checkHealth } from "@alfred/rpc";
import { describe, expect, test } from "vitest";
import { SECRET, SERVICE_TOKEN, keyOf, nodeEvent } from "./peers.ts";
import { Rig, UPSTREAM_SECRET, chatOf, failureOf } from "./rig.ts";

describe("a chat", () => {
  test("is answered, charged for what the provider reports, and recorded", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { cachedTokens: 4, reasoningTokens: 3 } } });
    const call = { requestId: "", idempotent: false, clientRequestId: "mine", tags: { feature: "search" }, routeHeaders: {} };
    const { completion, receipt, rateLimit } = await rig.gateway.createChatCompletion({ call, chat: chatOf("Hello, world!") });

    expect(completion?.choices[0]?.message?.content?.value).toBe("You said: Hello, world!");
    expect(rateLimit).toBeUndefined();
    const prompt = BigInt(3 + countSimTokens("Hello, world!"));
    const answer = 3n + BigInt(countSimTokens("You said: Hello, world!"));
    const cost = (prompt - 4n) * 1_000n + 4n * 500n + answer * 2_000n;
    expect(receipt).toMatchObject({ provider: "openai", model: "gpt-4o-mini", attempts: 1, usageSource: UsageSource.USAGE_SOURCE_REPORTED });
    expect(receipt?.cost?.value).toBe(cost);
    expect(receipt?.remaining?.value).toBe(rig.peers.wallet.budget - cost);
    expect(receipt?.requestId).toMatch(/^req_/);

    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({
      recordId: `${receipt?.requestId}/1`, requestId: receipt?.requestId, organisationId: "org_1", keyId: "key_1", userId: "user_1", teamId: "team_1",
      path: ["key_1", "user_1", "team_1", "org_1"], operation: "chat", requestedModel: "gpt-4o-mini", provider: "openai", model: "gpt-4o-mini",
      outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, reason: "", streamed: false, tags: { feature: "search" }, clientRequestId: "mine",
    });
    expect(Object.fromEntries(record?.quantities.map(({ meter, quantity }) => [meter, quantity]) ?? [])).toEqual({
      input_tokens: prompt - 4n, cache_read_tokens: 4n, output_tokens: answer - 3n, reasoning_tokens: 3n, requests: 1n,
    });
    expect(record?.cost?.value).toBe(cost);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(cost);
    expect(rig.peers.wallet.held).toBe(0n);
  });

  test("reaches the provider with all that the client sent, and our credentials", async () => {
    await using rig = await Rig.start();
    const odd = { unknown: { big: 1, list: [] }, seed: 7, messages: [{ role: "user", content: "Hi", novel: { deep: [null] } }], stop: null };
    await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("", odd) });
    const request = rig.sim.requests.last;
    expect(JSON.parse(request?.body ?? "")).toEqual({ model: "gpt-4o-mini", ...odd });
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.headers.authorization).toContain(UPSTREAM_SECRET.slice(-4));
    expect(request?.headers.authorization).not.toContain(SECRET.slice(-4));
  });

  test("comes back with all that the provider says", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { extras: true } } });
    const { completion } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(Object.values(completion?.extra ?? {}).join()).toContain(LARGE_INTEGER);
  });

  test("without reported usage is counted, and says so", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { noUsage: true } } });
    const { completion, receipt } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hello, world!") });
    expect(receipt?.usageSource).toBe(UsageSource.USAGE_SOURCE_ESTIMATED);
    // o200k: four tokens of text, four for the message and three for the answer; "You said: Hello, world!" is seven.
    expect(completion?.usage).toMatchObject({ promptTokens: 11n, completionTokens: 7n, totalTokens: 18n });
    expect(receipt?.cost?.value).toBe(11n * 1_000n + 7n * 2_000n);
  });

  test("to a free model costs nothing and is recorded all the same", async () => {
    await using rig = await Rig.start();
    const { receipt } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: "free-model" }) });
    expect(receipt?.cost?.value).toBe(0n);
    const [record] = await rig.peers.recorded(1);
    expect(record?.cost?.value).toBe(0n);
    expect(record?.quantities.length).toBeGreaterThan(0);
  });

  test("calls tools", async () => {
    await using rig = await Rig.start();
    const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } }];
    const { completion } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("weather in Bern?", { tools }) });
    expect(completion?.choices[0]?.finishReason).toBe("tool_calls");
    expect(completion?.choices[0]?.message?.toolCalls[0]?.function?.name).toBe("weather");
  });
});

describe("embeddings", () => {
  test("are answered and charged", async () => {
    await using rig = await Rig.start();
    const embedding = { model: "text-embedding-3-small", input: { $case: "texts" as const, value: { values: ["one two", "three"] } }, extra: {} };
    const { list, receipt } = await rig.gateway.createEmbedding({ call: undefined, embedding });
    expect(list?.data).toHaveLength(2);
    expect(receipt?.cost?.value).toBe(60n);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ operation: "embedding", quantities: [{ meter: "input_tokens", quantity: 3n }, { meter: "requests", quantity: 1n }] });
  });

  test("of token ids are counted without a tokenizer", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { noUsage: true } } });
    const embedding = { model: "text-embedding-3-small", input: { $case: "tokens" as const, value: { values: [1, 2, 3] } }, extra: {} };
    const { list, receipt } = await rig.gateway.createEmbedding({ call: undefined, embedding });
    expect(list?.usage).toMatchObject({ promptTokens: 3n, totalTokens: 3n });
    expect(receipt?.usageSource).toBe(UsageSource.USAGE_SOURCE_ESTIMATED);
  });
});

describe("models", () => {
  const providers = (url: string) => [
    { id: "openai", baseUrl: `${url}/v1`, secret: UPSTREAM_SECRET },
    { id: "local", baseUrl: `${url}/v1`, secret: UPSTREAM_SECRET, priceBook: "" },
  ];

  test("are listed by name as the key may use them", async () => {
    const keys = [keyOf("key_1", SECRET, { allowedModels: ["gpt-4o*", "house-model"] })];
    const deployments = [{ id: "d1", model: "house-model", providerId: "openai", upstreamModel: "unpriced" }];
    await using rig = await Rig.start({ peers: { keys, deployments } });
    const { models } = await rig.gateway.listModels({});
    expect(models.map(({ id, priced }) => [id, priced])).toEqual([["gpt-4o-mini", true]]);
    expect(await failureOf(rig.gateway.getModel({ model: "house-model" }))).toMatchObject({ code: "PRICE_UNKNOWN", metadata: { provider: "openai" } });
    const all = await rig.gateway.listModels({}, { token: SERVICE_TOKEN });
    expect(all.models).toContainEqual(expect.objectContaining({ id: "house-model", priced: false }));
    const { model } = await rig.gateway.getModel({ model: "gpt-4o-mini-2024-07-18" });
    expect(model).toMatchObject({ id: "gpt-4o-mini-2024-07-18", provider: "openai", contextWindow: 128_000n });
    // Whether somebody serves it is not said, and so nothing that is not so.
    const hidden = { code: "MODEL_NOT_FOUND", message: "There is no model free-model that this key may use." };
    expect(await failureOf(rig.gateway.getModel({ model: "free-model" }))).toMatchObject(hidden);
  });

  test("that nobody serves, that the key may not use, or whose price is not known, are refused before any call", async () => {
    await using rig = await Rig.start();
    const ask = (model: string) => failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model }) }));
    const missing = await ask("fre-model");
    expect(missing).toMatchObject({ code: "MODEL_NOT_FOUND", metadata: { model: "fre-model" } });
    expect(missing.hint).toContain("Did you mean free-model");
    for (const model of ["openai/gpt-99", "gpt-99"]) {
      const unpriced = await ask(model);
      expect(unpriced).toMatchObject({ code: "PRICE_UNKNOWN", metadata: { model, provider: "openai" } });
      expect(unpriced.hint).toContain('provider "openai", model "gpt-99"');
    }
    // The embedding model has no price for an answer, so a chat with it has none either.
    expect(await ask("text-embedding-3-small")).toMatchObject({ code: "PRICE_UNKNOWN" });
    expect(rig.sim.requests.length).toBe(0);
    expect(rig.peers.wallet.acquires).toEqual([]);
  });

  test("not allowed to the key are refused", async () => {
    await using rig = await Rig.start({ peers: { keys: [keyOf("key_1", SECRET, { allowedModels: ["free-model"] })] } });
    const refused = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(refused).toMatchObject({ code: "MODEL_NOT_ALLOWED", metadata: { model: "gpt-4o-mini", node_kind: "key", node_id: "key_1" } });
  });

  test("not allowed to a node above the key are refused, and no longer once its list says otherwise", async () => {
    await using rig = await Rig.start({ peers: { allowedModels: { org_1: ["gpt-*", "free-model"], team_1: ["free-*"] } } });
    const ask = () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    const refused = { code: "MODEL_NOT_ALLOWED", metadata: { model: "gpt-4o-mini", node_kind: "team", node_id: "team_1" } };
    expect(await failureOf(ask())).toMatchObject(refused);
    expect((await rig.gateway.listModels({})).models.map(({ id }) => id)).toEqual(["free-model"]);
    rig.peers.keys.push(nodeEvent("team_1", AccountKind.ACCOUNT_KIND_TEAM));
    await expect.poll(async () => (await rig.gateway.listModels({})).models.map(({ id }) => id)).toEqual(["free-model", "gpt-4o-mini"]);
    expect((await ask()).receipt?.provider).toBe("openai");
  });

  test("follow the configuration while it changes", async () => {
    await using rig = await Rig.start();
    const ask = () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: "house-model" }) });
    expect(await failureOf(ask())).toMatchObject({ code: "MODEL_NOT_FOUND" });
    const local = providers(rig.simUrl)[1];
    const provider = Provider.create({ id: "local", kind: 1, baseUrl: local?.baseUrl ?? "", hasSecret: true });
    rig.peers.prices.push({ $case: "price", value: { provider: "local", model: "llama", free: true, meters: [], aliases: [], patterns: [], contextWindow: undefined, maxOutputTokens: undefined, source: "override", startTime: undefined, daily: undefined } });
    rig.peers.config.push(
      { $case: "provider", value: { provider, secret: UPSTREAM_SECRET } },
      { $case: "deployment", value: Deployment.create({ id: "d1", model: "house-model", providerId: "local", upstreamModel: "llama" }) },
    );
    await expect.poll(async () => (await rig.gateway.listModels({})).models.some(({ id, priced }) => id === "house-model" && priced)).toBe(true);
    const { receipt } = await ask();
    expect(receipt).toMatchObject({ provider: "local", model: "llama" });
    rig.peers.config.push({ $case: "removedDeploymentId", value: "d1" });
    await expect.poll(async () => (await failureOf(ask())).code, { timeout: 5_000 }).toBe("MODEL_NOT_FOUND");
  });
});

describe("requests per minute", () => {
  test("are told with each answer, and refused above the limit", async () => {
    await using rig = await Rig.start({ peers: { keys: [keyOf("key_1", SECRET, { requestsPerMinute: 2 })] } });
    const ask = () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect((await ask()).rateLimit).toMatchObject({ limit: 2, remaining: 1 });
    expect((await ask()).rateLimit).toMatchObject({ limit: 2, remaining: 0 });
    const refused = await failureOf(ask());
    expect(refused).toMatchObject({ code: "RATE_LIMITED", metadata: { limit: "2", remaining: "0" } });
    expect(Number(refused.metadata["retry_after"])).toBeGreaterThan(0);
    expect(rig.sim.requests.length).toBe(2);
  });
});

describe("before the first sync", () => {
  test("requests are refused, and health says so", async () => {
    const gate = Promise.withResolvers<void>();
    await using rig = await Rig.start({ peers: { configOpen: gate.promise }, ready: false });
    await expect.poll(async () => (await failureOf(rig.gateway.listModels({}))).message).toContain("does not know its providers");
    expect(await rig.service.isReady()).toBe(false);
    expect(await checkHealth(rig.service.transport)).toBe(false);
    gate.resolve();
    await rig.service.ready;
    expect(await checkHealth(rig.service.transport)).toBe(true);
    expect((await rig.gateway.listModels({})).models.length).toBeGreaterThan(0);
    expect(await rig.service.isReady()).toBe(true);
  });
});

describe("a request that no provider should see", () => {
  test.each([
    ["limits that are hidden among unknown fields", { extra: { max_tokens: "\"many\"" } }, "max_tokens"],
    ["answers that are no number", { extra: { n: "-1" } }, "n"],
    ["no model", { model: "" }, "model"],
    ["no messages", { messages: [] }, "messages"],
  ])("with %s is refused", async (_, fields, field) => {
    await using rig = await Rig.start();
    const refused = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: { ...chatOf("Hi"), ...fields } }));
    expect(refused).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
    expect(rig.sim.requests.length).toBe(0);
  });

  test("with broken raw JSON is refused", async () => {
    await using rig = await Rig.start();
    const refused = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: { ...chatOf("Hi"), extra: { x: "{" } } }));
    expect(refused.code).toBe("INVALID_ARGUMENT");
  });

  test("that smuggles a stream into a whole answer gets a whole answer", async () => {
    await using rig = await Rig.start();
    const { completion } = await rig.gateway.createChatCompletion({ call: undefined, chat: { ...chatOf("Hi"), extra: { stream: "true" } } });
    expect(completion?.object).toBe("chat.completion");
  });
});
