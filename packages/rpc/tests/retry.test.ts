import { createServer as createTcpServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { GatewayServiceService, ListModelsResponse, StreamChatCompletionResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { ReasonName } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { createClient, socketTransport } from "../src/index.ts";
import { RetryBudget } from "../src/call/retry-budget.ts";
import { collect, failureOf, secrets, TestServer, ways } from "./harness.ts";

const chat = { call: undefined, chat: undefined };

/** A handler that fails so often before it answers, and how often it was called. */
function failing(times: number, reason: ReasonName): { calls: number; listModels: () => Promise<ListModelsResponse> } {
  const counted = {
    calls: 0,
    listModels: async () => {
      counted.calls += 1;
      if (counted.calls <= times) throw fail(reason, "No.");
      return ListModelsResponse.create();
    },
  };
  return counted;
}

describe.each(ways)("a client (%s)", (way) => {
  test("tries again where the server is UNAVAILABLE", async () => {
    const handler = failing(2, "UNAVAILABLE");
    await using mesh = await TestServer.start({ gateway: handler });
    await mesh.gateway(way).listModels({});
    expect(handler.calls).toBe(3);
  });

  test("gives up after four attempts", async () => {
    const handler = failing(9, "UNAVAILABLE");
    await using mesh = await TestServer.start({ gateway: handler });
    expect(await failureOf(mesh.gateway(way).listModels({}))).toMatchObject({ code: "UNAVAILABLE" });
    expect(handler.calls).toBe(4);
  });

  test("does not where the server worked on it for long before it gave up", async () => {
    let calls = 0;
    const listModels = async (): Promise<never> => {
      calls += 1;
      await pause(1_100);
      throw fail("UNAVAILABLE", "No.");
    };
    await using mesh = await TestServer.start({ gateway: { listModels } });
    expect(await failureOf(mesh.gateway(way).listModels({}))).toMatchObject({ code: "UNAVAILABLE" });
    expect(calls).toBe(1);
  });

  test("does not where the call says so", async () => {
    const handler = failing(1, "UNAVAILABLE");
    await using mesh = await TestServer.start({ gateway: handler });
    expect(await failureOf(mesh.gateway(way).listModels({}, { retry: false }))).toMatchObject({ code: "UNAVAILABLE" });
    expect(handler.calls).toBe(1);
  });

  test.each(["PROVIDER_UNAVAILABLE", "INTERNAL", "BUDGET_HELD", "OVERLOADED", "DEADLINE_EXCEEDED"] as const)(
    "never repeats %s",
    async (reason) => {
      const handler = failing(1, reason);
      await using mesh = await TestServer.start({ gateway: handler });
      expect(await failureOf(mesh.gateway(way).listModels({}))).toMatchObject({ code: reason });
      expect(handler.calls).toBe(1);
    },
  );

  test("repeats a stream only before its first message", async () => {
    let calls = 0;
    async function* streamChatCompletion(): AsyncGenerator<StreamChatCompletionResponse> {
      calls += 1;
      if (calls > 1) yield StreamChatCompletionResponse.create();
      throw fail("UNAVAILABLE", "No.");
    }
    await using mesh = await TestServer.start({ gateway: { streamChatCompletion } });
    expect(await failureOf(collect(mesh.gateway(way).streamChatCompletion(chat)))).toMatchObject({ code: "UNAVAILABLE" });
    expect(calls).toBe(2);
  });

  test("stops trying when its caller cancels", async () => {
    const controller = new AbortController();
    const listModels = async (): Promise<never> => {
      setImmediate(() => controller.abort());
      throw fail("UNAVAILABLE", "No.");
    };
    await using mesh = await TestServer.start({ gateway: { listModels } });
    const seen = failureOf(mesh.gateway(way).listModels({}, { signal: controller.signal }));
    expect(await seen).toMatchObject({ code: "CANCELLED" });
  });
});

test("a budget allows twenty retries, and ten successes earn one more", () => {
  const budget = new RetryBudget();
  const taken = Array.from({ length: 25 }, () => budget.take()).filter(Boolean);
  expect(taken).toHaveLength(20);
  for (let success = 0; success < 11; success += 1) budget.succeeded();
  expect(budget.take()).toBe(true);
  expect(budget.take()).toBe(false);
});

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  await using server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

describe("a peer on a socket", () => {
  test("that is not there is UNAVAILABLE, in words that name no address", async () => {
    await using transport = socketTransport({ address: `127.0.0.1:${await freePort()}` });
    const client = createClient(GatewayServiceService, transport, { token: secrets.user });
    const seen = await failureOf(client.listModels({}));
    expect(seen).toMatchObject({ code: "UNAVAILABLE", message: "alfred.v1.GatewayService cannot be reached." });
  });

  test("that starts later is found by the same client", async () => {
    const port = await freePort();
    await using transport = socketTransport({ address: `127.0.0.1:${port}` });
    const client = createClient(GatewayServiceService, transport, { token: secrets.user });
    await failureOf(client.listModels({}, { retry: false }));
    await using mesh = new TestServer({ gateway: failing(0, "INTERNAL") });
    await mesh.server.listen("127.0.0.1", port);
    // The client reconnects by itself; until then it says UNAVAILABLE.
    await expect.poll(async () => client.listModels({}), { timeout: 20_000 }).toEqual(ListModelsResponse.create());
  });
});
