import { describe, expect, test } from "vitest";
import { createProviderSim } from "../src/index.ts";
import { chatBody, postRaw } from "./raw-client.ts";
import { startSim, user } from "./sim-client.ts";

describe("the request log", () => {
  test("keeps what was sent, credentials cut to their last four characters", async () => {
    const { client, sim, url } = await startSim();
    await client.chat.completions.create({ model: "sim-chat", messages: user("Hi") });
    await fetch(`${url}/v1/models`, { headers: { "x-api-key": "short", authorization: "Bearer abcdefghijklmnop" } });
    const [chat, models] = sim.requests.entries();
    expect(chat).toMatchObject({
      sequence: 1,
      method: "POST",
      path: "/v1/chat/completions",
      model: "sim-chat",
      headers: { authorization: "Bearer ***wxyz" },
    });
    expect(JSON.parse(chat?.body ?? "")).toEqual({ model: "sim-chat", messages: user("Hi") });
    expect(models?.headers).toMatchObject({ "x-api-key": "***", authorization: "Bearer ***mnop" });
  });

  test("keeps the newest only, and the beginning of a large body", async () => {
    const { sim, url } = await startSim({ requestLogSize: 3 });
    for (const path of ["a", "b", "c", "d", "e", "f", "g", "h"]) await fetch(`${url}/v1/models/${path}`);
    expect([...sim.requests].map(({ model }) => model)).toEqual(["f", "g", "h"]);
    await postRaw(url, chatBody("x".repeat(100_000)));
    expect(sim.requests.last).toMatchObject({ bodyTruncated: true });
    expect(sim.requests.last?.body).toHaveLength(64 * 1024);
    sim.requests.clear();
    expect(sim.requests).toHaveLength(0);
  });

  test("waiting for a request that never comes ends with the signal", async () => {
    await using sim = createProviderSim();
    await expect(sim.requests.waitFor(() => true, AbortSignal.abort())).rejects.toThrow("No such request");
  });

  test("is served as JSON, and cleared", async () => {
    const { url } = await startSim();
    await fetch(`${url}/v1/models/a`);
    await fetch(`${url}/v1/models/b`);
    const page = await fetch(`${url}/requests?limit=1`);
    expect(await page.json()).toMatchObject({ total: 2, requests: [{ model: "b" }] });
    await fetch(`${url}/requests`, { method: "DELETE" });
    expect(await (await fetch(`${url}/requests`)).json()).toEqual({ total: 0, requests: [] });
  });
});

describe("operations", () => {
  test("metrics count requests, faults, tokens and frames", async () => {
    const { client, url, sim } = await startSim();
    await client.chat.completions.create({ model: "m", messages: user("Hi") });
    await client.chat.completions.create({ model: "m", messages: user("[[sim: status=500]]") }).catch(() => undefined);
    await postRaw(url, chatBody("Hi", { stream: true }));
    await sim.requests.waitFor(({ stream, finishedAtMs }) => stream && finishedAtMs !== null);
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const line of [
      `sim_requests_total{dialect="openai",endpoint="chat",status="200"} 2`,
      `sim_requests_total{dialect="openai",endpoint="chat",status="500"} 1`,
      `sim_faults_total{fault="status"} 1`,
      `sim_tokens_total{kind="prompt"} 8`,
      `sim_tokens_total{kind="completion"} 8`,
      "sim_stream_chunks_total 6",
      "sim_client_disconnects_total 0",
      "sim_requests_in_flight 0",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  test("the pages need no key, meet no fault and are not logged", async () => {
    const { url, sim } = await startSim({ apiKeys: ["sk"], behaviour: { status: 500 } });
    for (const path of ["/healthz", "/metrics", "/requests"]) expect((await fetch(url + path)).status).toBe(200);
    expect(sim.requests).toHaveLength(0);
  });

  test("the behaviour can be replaced while it serves", async () => {
    const { url, sim } = await startSim();
    const status = async () => (await fetch(`${url}/v1/models`)).status;
    expect(await status()).toBe(200);
    sim.behaviour = { status: 503 };
    expect(await status()).toBe(503);
    sim.behaviour = {};
    expect(await status()).toBe(200);
  });
});
