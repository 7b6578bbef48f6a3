import { ListModelsResponse, StreamChatCompletionResponse } from "@alfred/contracts";
import type { WatchAccountResponse } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { checkHealth, createClient, createServer } from "../src/index.ts";
import type { CallContext } from "../src/index.ts";
import { healthService, ServingStatus } from "../src/server/health-contract.ts";
import { collect, failureOf, LogBook, testRing, TestServer, ways } from "./harness.ts";

const synced: WatchAccountResponse = { event: { $case: "synced", value: { revision: 1n } } };
const chat = { call: undefined, chat: undefined };

/** Resolves once a signal fires. */
async function fired(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

describe.each(ways)("health (%s)", (way) => {
  test("is open, and NOT_SERVING until it is set, for the server and each of its services", async () => {
    await using mesh = await TestServer.start({});
    const transport = mesh.transport(way);
    expect(await checkHealth(transport)).toBe(false);
    mesh.server.setServing(true);
    expect(await checkHealth(transport)).toBe(true);
    expect(await checkHealth(transport, { service: "alfred.v1.WalletService" })).toBe(true);
    expect(await checkHealth(transport, { service: "alfred.v1.AuditService" })).toBe(false);
    mesh.server.setServing(false);
    expect(await checkHealth(transport)).toBe(false);
  });

  test("knows only its own services", async () => {
    await using mesh = await TestServer.start({});
    const client = createClient(healthService(), mesh.transport(way));
    expect(await failureOf(client.check({ service: "nobody" }))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("is watched, down to the end of the server", async () => {
    await using mesh = await TestServer.start({});
    const watch = createClient(healthService(), mesh.transport(way)).watch({ service: "" })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await watch.next()).value;
    expect(await next()).toMatchObject({ status: ServingStatus.NOT_SERVING });
    mesh.server.setServing(true);
    expect(await next()).toMatchObject({ status: ServingStatus.SERVING });
    const stopped = mesh.server[Symbol.asyncDispose]();
    expect(await next()).toMatchObject({ status: ServingStatus.NOT_SERVING });
    expect(await failureOf(next())).toMatchObject({ code: "UNAVAILABLE" });
    await stopped;
  });
});

test("health of a server that is not there is false", async () => {
  const mesh = await TestServer.start({});
  const transport = mesh.transport("socket");
  await mesh.server[Symbol.asyncDispose]();
  expect(await checkHealth(transport)).toBe(false);
  await mesh[Symbol.asyncDispose]();
});

describe.each(ways)("a server that stops (%s)", (way) => {
  test("ends watches at once, lets other calls finish, and takes no new ones", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: go, resolve: proceed } = Promise.withResolvers<void>();
    async function* watchAccount(_: unknown, { signal }: CallContext): AsyncGenerator<WatchAccountResponse> {
      yield synced;
      await fired(signal);
    }
    async function* streamChatCompletion(): AsyncGenerator<StreamChatCompletionResponse> {
      yield StreamChatCompletionResponse.create();
      begin();
      await go;
      yield StreamChatCompletionResponse.create();
    }
    const listModels = async (): Promise<ListModelsResponse> => ListModelsResponse.create();
    await using mesh = await TestServer.start({ wallet: { watchAccount }, gateway: { streamChatCompletion, listModels } });
    const watch = mesh.wallet(way).watchAccount({ accountId: "", revision: 0n })[Symbol.asyncIterator]();
    await watch.next();
    const gateway = mesh.gateway(way);
    const stream = collect(gateway.streamChatCompletion(chat));
    await begun;
    const stopped = mesh.server[Symbol.asyncDispose]();
    expect(await failureOf(watch.next())).toMatchObject({ code: "UNAVAILABLE" });
    expect(await failureOf(gateway.listModels({}, { retry: false }))).toMatchObject({ code: "UNAVAILABLE" });
    proceed();
    expect(await stream).toHaveLength(2);
    await stopped;
  });

  test("cuts off what does not finish in time", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const listModels = async (): Promise<never> => {
      begin();
      return new Promise<never>(() => undefined);
    };
    await using mesh = await TestServer.start({ gateway: { listModels }, drainMs: 20 });
    const seen = failureOf(mesh.gateway(way).listModels({}, { retry: false }));
    await begun;
    await mesh.server[Symbol.asyncDispose]();
    expect(await seen).toMatchObject({ code: "UNAVAILABLE" });
  });
});

test("a server that never listened stops, and may be stopped twice", async () => {
  const server = createServer({ name: "x", bindings: [], authenticate: testRing().authenticate, log: new LogBook().log });
  await server[Symbol.asyncDispose]();
  await expect(server[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
