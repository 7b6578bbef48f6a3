import { describe, expect, test } from "vitest";
import { SIM_PROVIDER_IDS } from "../src/index.ts";
import { ask, settled } from "./every-provider.ts";
import { startSim } from "./sim-client.ts";

/** The prompt's count, by the names that providers have for it. */
const PROMPT_COUNT = /"(?:prompt_tokens|input_tokens|promptTokenCount)": ?(\d+)/g;

function promptCounts(text: string): number[] {
  return [...text.matchAll(PROMPT_COUNT)].map(([, count]) => Number(count));
}

describe.each(SIM_PROVIDER_IDS)("%s", (id) => {
  test("answers whole and streamed, and is on record under its name", async () => {
    const { sim, url } = await startSim();
    const whole = await (await ask(url, id, "Hi")).text();
    expect(whole).toContain("You said: Hi");
    expect(promptCounts(whole).every((count) => count > 0)).toBe(true);
    const response = await ask(url, id, "Hi", true);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(await response.text()).toContain(`"You"`);
    expect(sim.requests.entries()).toMatchObject([{ dialect: id, model: "m", stream: false, status: 200 }, { dialect: id, stream: true, status: 200 }]);
  });

  test("lets in who has the key, where it asks for one", async () => {
    const { url } = await startSim({ apiKeys: ["sk-simulator-key"] });
    expect((await ask(url, id, "Hi")).status).toBe(200);
    const refused = await ask(url, id, "Hi", false, { headers: { "anthropic-version": "2023-06-01" } });
    expect(refused.status === 200).toBe(id === "ollama");
    expect(await refused.json()).toBeTypeOf("object");
  });

  test("knows the models that it is told of", async () => {
    const { url } = await startSim({ models: ["another"] });
    const response = await ask(url, id, "Hi");
    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toBeTypeOf("object");
  });

  test.each([400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 529])("fails with %i in a form of its own", async (status) => {
    const { url } = await startSim();
    const response = await ask(url, id, `Hi [[sim: status=${status}]]`);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(JSON.stringify(await response.json())).toMatch(/"(message|detail)":/);
  });

  test("fails first, by the share, and at its limits", async () => {
    const { url } = await startSim({ requestsPerMinute: 3 });
    const statusOf = async (text: string) => (await ask(url, id, text)).status;
    expect(await statusOf("Hi [[sim: fail_first=1 status=503]]")).toBe(503);
    expect(await statusOf("Hi [[sim: fail_first=1 status=503]]")).toBe(200);
    expect(await statusOf("Hi [[sim: error_rate=1]]")).toBe(500);
    expect(await statusOf("Hi")).toBe(429);
  });

  test("stalls and resets", async () => {
    const { sim, url } = await startSim();
    const departure = new AbortController();
    const stalled = ask(url, id, "Hi [[sim: stall]]", false, { signal: departure.signal });
    await sim.requests.waitFor(({ fault }) => fault === "stall");
    departure.abort();
    await expect(stalled).rejects.toThrow(/abort/);
    await expect(ask(url, id, "Hi [[sim: reset]]")).rejects.toThrow(/fetch failed/);
  });

  test.each(["split_bytes=7", "crlf", "comments", "chunk_delay_ms=0", "first_chunk_delay_ms=1"])("streams the same with %s", async (directive) => {
    const { url } = await startSim();
    const plain = await (await ask(url, id, "Grüße, 天気 [[sim: tokens=5]]", true)).text();
    const shaped = await (await ask(url, id, `Grüße, 天気 [[sim: tokens=5 ${directive}]]`, true)).text();
    expect(settled(shaped)).toBe(settled(plain));
  });

  test("breaks a stream off, ends it early, and leaves it unfinished", async () => {
    const { sim, url } = await startSim();
    const whole = settled(await (await ask(url, id, "Hi", true)).text());
    await expect((await ask(url, id, "Hi [[sim: cut_after=2]]", true)).text()).rejects.toThrow(/terminated/);
    const early = settled(await (await ask(url, id, "Hi [[sim: truncate_after=2]]", true)).text());
    expect(whole.startsWith(early) && early.length < whole.length).toBe(true);
    const departure = new AbortController();
    const silent = await ask(url, id, "Hi [[sim: stall_after=2]]", true, { signal: departure.signal });
    await sim.requests.waitFor(({ fault, chunksSent }) => fault === "stallAfter" && chunksSent === 2);
    departure.abort();
    await expect(silent.text()).rejects.toThrow(/abort/);
  });

  test("says in a stream that it failed, and garbles a frame", async () => {
    const { url } = await startSim();
    const failed = await (await ask(url, id, "Hi [[sim: error_after=2]]", true)).text();
    expect(failed).toMatch(/"error": ?\{|"finish_reason":"(ERROR|error)"/);
    const garbled = await (await ask(url, id, "Hi [[sim: malformed_after=2]]", true)).text();
    const data = garbled.split("\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []));
    expect(data.filter((json) => !isJson(json))).toHaveLength(1);
  });

  test("pads, adds what nobody knows, and answers with a page", async () => {
    const { url } = await startSim();
    const textOf = async (directive: string, isStream: boolean) => (await ask(url, id, `Hi [[sim: ${directive}]]`, isStream)).text();
    expect(await textOf("extras", false)).toContain(`"sim_integer":9007199254740993`);
    expect(await textOf("extras", true)).toContain(`"sim_integer":9007199254740993`);
    expect((await textOf("oversized_bytes=70000", false)).length).toBeGreaterThan(70_000);
    expect((await textOf("oversized_bytes=70000", true)).length).toBeGreaterThan(70_000);
    expect(await textOf("non_json", true)).toMatch(/^<html>/);
    expect(isJson(await textOf("malformed_after=0", false))).toBe(false);
  });

  test("reports usage, none, or explicit zeros", async () => {
    const { url } = await startSim();
    const counts = async (directive: string, isStream: boolean) => promptCounts(await (await ask(url, id, `Hi [[sim: ${directive}]]`, isStream)).text());
    for (const isStream of [false, true]) {
      expect(await counts("no_usage", isStream)).toEqual([]);
      expect((await counts("usage_zero", isStream)).every((count) => count === 0)).toBe(true);
    }
    expect((await counts("delay_ms=0", false)).length).toBeGreaterThan(0);
  });

  test("refuses what is misspelt", async () => {
    const { url } = await startSim();
    const response = await ask(url, id, "Hi [[sim: delays=5]]");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Unknown simulator directive 'delays'");
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
