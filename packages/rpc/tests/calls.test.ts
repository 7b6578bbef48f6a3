import { createRegistry } from "@alfred/telemetry";
import { GetAccountResponse, ListModelsResponse, StreamChatCompletionResponse } from "@alfred/contracts";
import type { GetAccountRequest, WatchAccountResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import type { CallContext } from "../src/index.ts";
import { collect, failureOf, secrets, TestServer, ways } from "./harness.ts";

const account = (id: string): GetAccountResponse => GetAccountResponse.fromPartial({ account: { id } });
const synced = (revision: bigint): WatchAccountResponse => ({ event: { $case: "synced", value: { revision } } });
const watchRequest = { accountId: "self", revision: 0n };
const never = new Promise<never>(() => undefined);

async function* revisions(count: number): AsyncGenerator<WatchAccountResponse> {
  for (let revision = 1n; revision <= count; revision += 1n) yield synced(revision);
}

/** Resolves once a signal fires. */
async function fired(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

describe.each(ways)("a call (%s)", (way) => {
  test("brings a request to its handler and the response back", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: async ({ accountId }) => account(accountId) } });
    expect(await mesh.wallet(way).getAccount({ accountId: "acc_1" })).toEqual(account("acc_1"));
  });

  test("streams responses in order, and ends", async () => {
    await using mesh = await TestServer.start({ wallet: { watchAccount: () => revisions(500) } });
    const messages = await collect(mesh.wallet(way).watchAccount(watchRequest));
    expect(messages.map(({ event }) => event?.value)).toEqual((await collect(revisions(500))).map(({ event }) => event?.value));
  });

  test("shows the handler who asks, under which id, until when, and what came along", async () => {
    const seen: CallContext[] = [];
    const getAccount = async (_: GetAccountRequest, context: CallContext): Promise<GetAccountResponse> => {
      seen.push(context);
      return account("acc_1");
    };
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const before = Date.now();
    await mesh.wallet(way).getAccount({ accountId: "" }, { requestId: "req-7", timeoutMs: 5_000, metadata: { "x-tag": "a" } });
    const [context] = seen;
    expect(context?.principal).toMatchObject({ keyId: "key_admin", organisationId: "org_1", tenant: "org_1" });
    expect(context?.requestId).toBe("req-7");
    expect(context?.metadata.get("x-tag")).toBe("a");
    expect(context?.deadline).toBeGreaterThan(before);
    expect(context?.deadline).toBeLessThan(before + 10_000);
    expect(context?.signal.aborted).toBe(false);
  });

  test("fails with the reason, message, hint and metadata that the handler gave, and nothing of its cause", async () => {
    const error = fail("BUDGET_HELD", "Held — “now”.", { hint: "Wait a bit.", metadata: { account: "team_ü" }, cause: new Error("sql") });
    const getAccount = async (): Promise<never> => {
      throw error;
    };
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const seen = await failureOf(mesh.wallet(way).getAccount({ accountId: "" }));
    expect(seen).toMatchObject({ code: "BUDGET_HELD", message: error.message, hint: "Wait a bit.", metadata: { account: "team_ü" } });
  });

  test.each([
    ["throws", () => { throw new Error("secret detail"); }],
    ["rejects", async () => { throw new Error("secret detail"); }],
    ["rejects with no error", async () => { throw "secret detail"; }],
    ["answers nothing", async () => undefined as unknown as GetAccountResponse],
  ])("whose handler %s ends as INTERNAL, which shows nothing and is logged whole", async (_, getAccount) => {
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const seen = await failureOf(mesh.wallet(way).getAccount({ accountId: "" }, { requestId: "req-9" }));
    expect(seen).toMatchObject({ code: "INTERNAL", message: "Something went wrong on our side.", metadata: { request_id: "req-9" } });
    expect(mesh.book.of("call failed")).toMatchObject([{ request_id: "req-9", level: "error" }]);
    expect(mesh.book.text).toMatch(/secret detail|undefined where a message is due/);
  });

  test("whose stream throws delivers what came before it", async () => {
    async function* watchAccount(): AsyncGenerator<WatchAccountResponse> {
      yield* revisions(3);
      throw fail("PROVIDER_STREAM_BROKEN", "Broken.");
    }
    await using mesh = await TestServer.start({ wallet: { watchAccount } });
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const message of mesh.wallet(way).watchAccount(watchRequest)) received.push(message);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: "PROVIDER_STREAM_BROKEN" });
    expect(received).toHaveLength(3);
  });

  test("whose streaming handler returns no stream ends as INTERNAL", async () => {
    const watchAccount = (): AsyncIterable<WatchAccountResponse> => 7 as unknown as AsyncIterable<WatchAccountResponse>;
    await using mesh = await TestServer.start({ wallet: { watchAccount } });
    expect(await failureOf(collect(mesh.wallet(way).watchAccount(watchRequest)))).toMatchObject({ code: "INTERNAL" });
  });

  test("ends at its deadline though the handler never does, and says so to the handler", async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<unknown>();
    const getAccount = async (_: GetAccountRequest, { signal }: CallContext): Promise<never> => {
      void fired(signal).then(() => resolve(signal.reason));
      return never;
    };
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const seen = await failureOf(mesh.wallet(way).getAccount({ accountId: "" }, { timeoutMs: 50 }));
    expect(seen).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await stopped).toMatchObject({ code: expect.stringMatching(/DEADLINE_EXCEEDED|CANCELLED/) as unknown });
  });

  test("without a deadline gets the server's, and none lasts longer than the server's maximum", async () => {
    const deadlines = { maximumMs: 50 };
    await using mesh = await TestServer.start({ wallet: { getAccount: async () => never }, deadlines });
    const seen = await failureOf(mesh.wallet(way).getAccount({ accountId: "" }, { timeoutMs: 3_600_000 }));
    expect(seen).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  test("that is cancelled fires the handler's signal", async () => {
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const getAccount = async (_: GetAccountRequest, { signal }: CallContext): Promise<never> => {
      void fired(signal).then(stop);
      start();
      return never;
    };
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const controller = new AbortController();
    const seen = failureOf(mesh.wallet(way).getAccount({ accountId: "" }, { signal: controller.signal }));
    await started;
    controller.abort();
    expect(await seen).toMatchObject({ code: "CANCELLED" });
    await stopped;
  });

  test("with a signal that fired already is not made", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: async () => account("acc_1") } });
    const seen = failureOf(mesh.wallet(way).getAccount({ accountId: "" }, { signal: AbortSignal.abort() }));
    expect(await seen).toMatchObject({ code: "CANCELLED" });
  });

  test("left by its reader stops the handler's stream", async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    async function* watchAccount(_: unknown, { signal }: CallContext): AsyncGenerator<WatchAccountResponse> {
      try {
        yield* revisions(3);
        await fired(signal);
      } finally {
        resolve();
      }
    }
    await using mesh = await TestServer.start({ wallet: { watchAccount } });
    for await (const message of mesh.wallet(way).watchAccount(watchRequest)) {
      expect(message).toEqual(synced(1n));
      break;
    }
    await stopped;
  });

  test("made for another call ends with it, and carries its request id and trace", async () => {
    const { promise: started, resolve: start } = Promise.withResolvers<CallContext>();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const listModels = async (_: unknown, context: CallContext): Promise<never> => {
      void fired(context.signal).then(stop);
      start(context);
      return never;
    };
    await using inner = await TestServer.start({ gateway: { listModels } });
    const client = inner.gateway(way);
    const getAccount = async (_: GetAccountRequest, parent: CallContext): Promise<GetAccountResponse> => {
      await client.listModels({}, { parent, timeoutMs: 60_000 });
      return account("acc_1");
    };
    await using outer = await TestServer.start({ wallet: { getAccount } });
    const controller = new AbortController();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const options = { signal: controller.signal, requestId: "req-outer", timeoutMs: 5_000, metadata: { traceparent } };
    const seen = failureOf(outer.wallet(way).getAccount({ accountId: "" }, options));
    const context = await started;
    expect(context.requestId).toBe("req-outer");
    expect(context.metadata.get("traceparent")).toBe(traceparent);
    expect(context.deadline).toBeLessThan(Date.now() + 10_000);
    controller.abort();
    await stopped;
    expect(await seen).toMatchObject({ code: "CANCELLED" });
  });

  test("read slowly does not run ahead of its reader by more than a bound", async () => {
    const total = 20_000;
    let produced = 0;
    async function* streamChatCompletion(): AsyncGenerator<StreamChatCompletionResponse> {
      const extra = { filler: "x".repeat(8_192) };
      for (; produced < total; produced += 1) yield StreamChatCompletionResponse.fromPartial({ event: { $case: "chunk", value: { extra } } });
    }
    await using mesh = await TestServer.start({ gateway: { streamChatCompletion } });
    let received = 0;
    for await (const _ of mesh.gateway(way).streamChatCompletion({ call: undefined, chat: undefined })) {
      received += 1;
      if (received > 20) break;
      // Every chance to run ahead: several turns of the event loop for each message taken.
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    // 4 MiB of connection window are 512 such messages; with all queues it stays far from the total.
    expect(produced).toBeLessThan(2_000);
  });

  test("is logged in one line, which has no secret in it", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: async () => { throw fail("NOT_FOUND", "No."); } } });
    await failureOf(mesh.wallet(way).getAccount({ accountId: "acc_secret" }, { requestId: "req-log" }));
    const [line, ...more] = mesh.book.of("call");
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      level: "info", method: "/alfred.v1.WalletService/GetAccount", code: "NOT_FOUND", reason: "NOT_FOUND",
      request_id: "req-log", key_id: "key_admin", organisation_id: "org_1",
    });
    expect(line?.["duration_ms"]).toBeTypeOf("number");
    expect(line?.["peer"]).toBeTypeOf("string");
    expect(mesh.book.text).not.toContain(secrets.admin);
    expect(mesh.book.text).not.toContain("acc_secret");
  });

  test("that went well is logged at debug, and counted", async () => {
    const registry = createRegistry();
    await using mesh = await TestServer.start({ gateway: { listModels: async () => ListModelsResponse.create() }, registry });
    await mesh.gateway(way).listModels({});
    expect(mesh.book.of("call")).toMatchObject([{ level: "debug", code: "OK" }]);
    expect(await registry.metrics()).toContain('alfred_rpc_calls_total{method="/alfred.v1.GatewayService/ListModels",code="OK",reason=""} 1');
  });
});
