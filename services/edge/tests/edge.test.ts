import { once } from "node:events";
import { connect } from "node:net";
import { ChatCompletion, ChatCompletionChunk, type Call, Receipt, type StreamChatCompletionResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { describe, expect, test, vi } from "vitest";
import { EdgeRig } from "./rig.ts";

type Event = StreamChatCompletionResponse;

const started: Event = {
  event: { $case: "started", value: { requestId: "r", provider: "p", model: "m", attempts: 1, rateLimit: undefined, remaining: undefined, warnings: [], failedAttempts: [], routeRule: undefined, arm: undefined } },
};
const chunk = (id: string): Event => ({ event: { $case: "chunk", value: ChatCompletionChunk.create({ id, object: "chat.completion.chunk" }) } });
const refuse = (error: Error): never => {
  throw error;
};
const frames = async (answer: Response): Promise<string[]> => (await answer.text()).trimEnd().split("\n\n");

describe("a stream", () => {
  test("bridges a silent provider with comments, and still tells an error that comes then", async () => {
    const heard = Promise.withResolvers<void>();
    async function* silent(): AsyncGenerator<Event> {
      await heard.promise;
      yield refuse(fail("PROVIDER_UNAVAILABLE", "The provider is away."));
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: silent }, { silenceMs: 20 });
    const answer = await rig.chat({ stream: true });
    expect(answer.status).toBe(200);
    heard.resolve();
    const all = await frames(answer);
    expect(all[0]).toMatch(/^: /);
    expect(JSON.parse(all.at(-1)?.replace(/^data: /, "") ?? "")).toMatchObject({ error: { code: "provider_unavailable" } });
  });

  test("that fails before anything was sent has a status of its own", async () => {
    async function* refused(): AsyncGenerator<Event> {
      yield refuse(fail("BUDGET_HELD", "Held.", { metadata: { retry_after: "7" } }));
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: refused });
    const answer = await rig.chat({ stream: true });
    expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("x-should-retry")]).toEqual([429, "7", "true"]);
  });

  test("is read no faster than the client reads it", async () => {
    const total = 20_000;
    let sent = 0;
    async function* endless(): AsyncGenerator<Event> {
      yield started;
      for (; sent < total; sent++) yield chunk("x".repeat(4_000));
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: endless });
    const leave = new AbortController();
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
    const answer = await rig.send("/v1/chat/completions", { method: "POST", body, signal: leave.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    let before = -1;
    // The sender has come to rest when nothing more was sent between two looks.
    await expect.poll(() => before === (before = sent), { interval: 200, timeout: 20_000 }).toBe(true);
    expect(sent).toBeLessThan(total);
    leave.abort();
  });

  test("ends the gateway's call when the client goes away", async () => {
    const left = Promise.withResolvers<void>();
    async function* waiting(_request: unknown, { signal }: CallContext): AsyncGenerator<Event> {
      yield started;
      yield chunk("1");
      await once(signal, "abort");
      left.resolve();
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: waiting });
    const leave = new AbortController();
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
    const answer = await rig.send("/v1/chat/completions", { method: "POST", body, signal: leave.signal });
    await answer.body?.getReader().read();
    leave.abort();
    await expect(left.promise).resolves.toBeUndefined();
  });
});

describe("a request", () => {
  test("carries its identity: the same id for the same Idempotency-Key of a caller, tags, and the client's own id", async () => {
    const calls: (Call | undefined)[] = [];
    await using rig = await EdgeRig.start({
      createChatCompletion: async ({ call }) => {
        calls.push(call);
        return { completion: ChatCompletion.create({ id: "c" }), receipt: undefined, rateLimit: undefined };
      },
    });
    const headers = { "idempotency-key": "k1", "x-request-id": "mine", "x-alfred-tags": "team=search, feature=summary" };
    const answers = [await rig.chat({}, headers), await rig.chat({}, headers), await rig.chat({}, { ...headers, authorization: "Bearer other" }), await rig.chat()];
    expect(calls[0]).toMatchObject({ idempotent: true, clientRequestId: "mine", tags: { team: "search", feature: "summary" } });
    expect(calls[1]?.requestId).toBe(calls[0]?.requestId);
    expect(new Set(calls.map((call) => call?.requestId)).size).toBe(3);
    expect(calls[3]).toMatchObject({ idempotent: false, tags: {} });
    expect(answers.map((answer) => answer.headers.get("x-request-id"))).toEqual(calls.map((call) => call?.requestId));
  });

  test("passes headers for routes on, and refuses more or longer ones than rules can ask for", async () => {
    const calls: (Call | undefined)[] = [];
    await using rig = await EdgeRig.start({
      createChatCompletion: async ({ call }) => {
        calls.push(call);
        return { completion: ChatCompletion.create({ id: "c" }), receipt: undefined, rateLimit: undefined };
      },
    });
    await rig.chat({}, { "X-Alfred-Route-Tier": "gold", "x-alfred-other": "x" });
    expect(calls[0]?.routeHeaders).toEqual({ "x-alfred-route-tier": "gold" });
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x-alfred-route-${index}`, "x"]));
    const statuses = await Promise.all([many, { "x-alfred-route-tier": "x".repeat(257) }, { "x-alfred-route-a_b": "x" }].map(async (headers) => (await rig.chat({}, headers)).status));
    expect(statuses).toEqual([400, 400, 400]);
  });

  test("has what is unsupported left out by a header, unless its body says otherwise", async () => {
    const asked: Record<string, string>[] = [];
    await using edge = await EdgeRig.start({
      createChatCompletion: ({ chat }) => {
        asked.push(chat?.extra ?? {});
        return Promise.resolve({ completion: ChatCompletion.create({ id: "c" }), receipt: undefined, rateLimit: undefined });
      },
    });
    for (const word of ["true", "false", "perhaps"]) await edge.chat({}, { "x-alfred-drop-unsupported": word });
    await edge.chat({ drop_unsupported: false }, { "x-alfred-drop-unsupported": "true" });
    expect(asked.map((extra) => extra["drop_unsupported"])).toEqual(["true", "false", '"perhaps"', "false"]);
  });

  test("with odd bytes in what is only passed on is served all the same", async () => {
    const calls: (Call | undefined)[] = [];
    await using rig = await EdgeRig.start({
      createChatCompletion: async ({ call }) => {
        calls.push(call);
        const receipt = Receipt.create({ requestId: "r", provider: "p", model: "gpt-漢", attempts: 1, usageSource: 1 });
        return { completion: ChatCompletion.create({ id: "c" }), receipt, rateLimit: undefined };
      },
    });
    const answer = await rig.chat({}, { traceparent: "00-\u00e9-01", "x-request-id": "a\u0085b" });
    expect([answer.status, answer.headers.get("x-alfred-model")]).toEqual([200, "gpt-%E6%BC%A2"]);
    expect(calls[0]?.clientRequestId).toBe("ab");
  });

  test("is told what each call to a provider was and cost, where there were several", async () => {
    const attemptsDetail = [
      { provider: "openai", model: "gpt 4", reason: "PROVIDER_TIMEOUT", cost: { unit: 1, value: 1_250n } } as const,
      { provider: "anthropic", model: "claude", reason: "", cost: { unit: 1, value: 0n } } as const,
    ];
    const receipt = Receipt.fromPartial({ requestId: "r", provider: "anthropic", attempts: 2, attemptsDetail, routeRule: { id: "smart", version: 3n }, arm: { experiment: "trial", arm: "control" } });
    await using rig = await EdgeRig.start({
      createChatCompletion: async () => ({ completion: ChatCompletion.create({ id: "c" }), receipt, rateLimit: undefined }),
    });
    const { headers } = await rig.chat();
    expect(headers.get("x-alfred-attempts")).toBe("2");
    expect(headers.get("x-alfred-attempts-detail")).toBe(
      "openai/gpt%204; reason=PROVIDER_TIMEOUT; cost_usd=0.00000125, anthropic/claude; reason=answered; cost_usd=0",
    );
    expect(headers.get("x-alfred-route-rule")).toBe("smart; version=3");
    expect(headers.get("x-alfred-experiment")).toBe("trial/control");
  });

  test("is told which soft limits are passed, and why its answer is short", async () => {
    const warning = { accountId: "team 1", unit: 1, period: 3, soft: 5_000_000_000n, posted: 5_250_000_000n, resetTime: new Date(0) } as const;
    const everLasting = { accountId: "key_1", unit: 2, period: 4, soft: 7n, posted: 8n, resetTime: undefined } as const;
    const receipt = Receipt.create({ requestId: "r", cutReason: "budget_clamped", warnings: [warning, everLasting] });
    await using rig = await EdgeRig.start({
      createChatCompletion: async () => ({ completion: ChatCompletion.create({ id: "c" }), receipt, rateLimit: undefined }),
    });
    const { headers } = await rig.chat();
    expect(headers.get("x-alfred-cut-reason")).toBe("budget_clamped");
    expect(headers.get("x-alfred-budget-warning")).toBe(
      "team%201; unit=usd; period=month; soft=5; spent=5.25; reset=1970-01-01T00:00:00.000Z, key_1; unit=tokens; period=none; soft=7; spent=8",
    );
  });

  test("from another origin than those allowed is not helped", async () => {
    await using rig = await EdgeRig.start({ listModels: async () => ({ models: [] }) }, { corsOrigins: ["https://app.example"] });
    const from = async (origin: string): Promise<string | null> =>
      (await rig.send("/v1/models", { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await from("https://app.example")).toBe("https://app.example");
    expect(await from("https://other.example")).toBeNull();
  });

  test("for a model takes names with slashes and escapes", async () => {
    const asked: string[] = [];
    await using rig = await EdgeRig.start({
      getModel: async ({ model }) => {
        asked.push(model);
        throw fail("MODEL_NOT_FOUND", "No.");
      },
    });
    for (const name of ["openai/gpt-4o", "a%20b", "%E0%A4%A"]) expect((await rig.send(`/v1/models/${name}`)).status).toBe(404);
    expect(asked).toEqual(["openai/gpt-4o", "a b", "%E0%A4%A"]);
  });
});

test("an edge that stops answers what still comes over a connection, and ends it", async () => {
  const release = Promise.withResolvers<void>();
  const listModels = vi.fn<() => Promise<{ models: [] }>>(() => release.promise.then(() => ({ models: [] })));
  const rig = await EdgeRig.start({ listModels });
  const client = connect(rig.address);
  let answers = "";
  client.on("data", (data: Buffer) => (answers += data.toString()));
  const ended = once(client, "end");
  const request = "GET /v1/models HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer any\r\n\r\n";
  client.write(request);
  await vi.waitFor(() => expect(listModels).toHaveBeenCalledTimes(1));
  const stopped = rig[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(rig.send("/healthz")).rejects.toThrow("fetch failed"));
  client.write(request);
  await vi.waitFor(() => expect(listModels).toHaveBeenCalledTimes(2));
  release.resolve();
  await Promise.all([ended, stopped]);
  expect(answers.match(/HTTP\/1.1 200|^connection: [a-z-]+/gim)?.map((line) => line.toLowerCase())).toEqual([
    "http/1.1 200", "connection: keep-alive", "http/1.1 200", "connection: close",
  ]);
});
