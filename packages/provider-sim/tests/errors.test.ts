import { APIUserAbortError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError } from "openai";
import { describe, expect, test } from "vitest";
import { startSim, user } from "./sim-client.ts";

const MODEL = "sim-chat";
const URL_PATH = "/v1/chat/completions";

describe("errors", () => {
  test("a wrong key and a missing one are a 401 where keys are required", async () => {
    const { url, client } = await startSim({ apiKeys: ["sk-right"] });
    await expect(client.models.list()).rejects.toThrow(AuthenticationError);
    await expect(client.models.list()).rejects.toMatchObject({ code: "invalid_api_key", type: "invalid_request_error" });
    const bare = await fetch(`${url}/v1/models`);
    expect(bare.status).toBe(401);
    const right = await fetch(`${url}/v1/models`, { headers: { authorization: "Bearer sk-right" } });
    expect(right.status).toBe(200);
  });

  test("a model outside the list is a 404; without a list every model exists", async () => {
    const { client } = await startSim({ models: ["a", "org/b"] });
    const asking = client.chat.completions.create({ model: "c", messages: user("Hi") });
    await expect(asking).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    await expect(client.models.retrieve("c")).rejects.toThrow(NotFoundError);
    expect((await client.models.retrieve("org/b")).id).toBe("org/b");
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["a", "org/b"]);
    const { client: open } = await startSim();
    expect((await open.models.retrieve("anything")).object).toBe("model");
  });

  test.each([
    ["{", null],
    ["[]", null],
    ["{}", "model"],
    [`{"model":"m"}`, "messages"],
    [`{"model":"m","messages":[]}`, "messages"],
    [`{"model":"m","messages":[{"content":"x"}]}`, "messages[0].role"],
    [`{"model":"m","messages":[{"role":"boss","content":"x"}]}`, "messages[0].role"],
    [`{"model":"m","messages":[{"role":"user"}]}`, "messages[0].content"],
    [`{"model":"m","messages":[{"role":"user","content":[{}]}]}`, "messages[0].content[0].type"],
  ])("%s is a 400 about %s", async (body, param) => {
    const { url } = await startSim();
    const answer = await fetch(url + URL_PATH, { method: "POST", body });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: object };
    expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
    expect(error).toMatchObject({ type: "invalid_request_error", param });
  });

  test.each([
    [{ temperature: 3 }, "temperature"],
    [{ n: 0 }, "n"],
    [{ n: 1.5 }, "n"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ max_tokens: 1, max_completion_tokens: 1 }, "max_tokens"],
    [{ stop: ["a", "b", "c", "d", "e"] }, "stop"],
    [{ stream: "yes" }, "stream"],
    [{ stream_options: { include_usage: true } }, "stream_options"],
    [{ top_logprobs: 2 }, "top_logprobs"],
    [{ tools: [{ type: "function", function: { name: "no spaces" } }] }, "tools[0].function.name"],
    [{ tool_choice: "required" }, "tool_choice"],
    [{ tools: [{ type: "function", function: { name: "f" } }], tool_choice: { type: "function", function: { name: "g" } } }, "tool_choice"],
    [{ response_format: { type: "xml" } }, "response_format.type"],
    [{ response_format: { type: "json_schema" } }, "response_format.json_schema"],
    [{ response_format: { type: "json_object" } }, "messages"],
  ])("%j is a 400 about %s", async (fields, param) => {
    const { url } = await startSim();
    const body = JSON.stringify({ model: MODEL, messages: user("Hi"), ...fields });
    const answer = await fetch(url + URL_PATH, { method: "POST", body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });

  test("an unknown path is a 404, a wrong method a 405, a body too large a 413", async () => {
    const { url } = await startSim({ maxBodyBytes: 1_000 });
    expect((await fetch(`${url}/v1/nothing`)).status).toBe(404);
    const wrong = await fetch(url + URL_PATH);
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    const large = await fetch(url + URL_PATH, { method: "POST", body: "x".repeat(2_000) });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ error: { code: "request_too_large" } });
  });

  test.each([
    [400, BadRequestError],
    [403, PermissionDeniedError],
    [429, RateLimitError],
    [500, InternalServerError],
    [503, InternalServerError],
    [529, InternalServerError],
  ])("status %i on demand is the client's typed error", async (status, type) => {
    const { client } = await startSim();
    const asking = client.chat.completions.create({ model: MODEL, messages: user(`[[sim: status=${status}]]`) });
    await expect(asking).rejects.toThrow(type);
    await expect(asking).rejects.toMatchObject({ status, requestID: "req_sim_1" });
  });

  test("a 429 says when to come back; its code can be chosen", async () => {
    const { client } = await startSim();
    const messages = user("[[sim: status=429 error_code=insufficient_quota retry_after_s=7]]");
    const error: unknown = await client.chat.completions.create({ model: MODEL, messages }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "insufficient_quota", type: "insufficient_quota" });
    const headers = error instanceof RateLimitError ? error.headers : new Headers();
    expect(headers.get("retry-after")).toBe("7");
    expect(headers.get("x-ratelimit-remaining-requests")).toBe("0");
  });

  test("a misspelt directive is a 400, never a success", async () => {
    const { url, client } = await startSim();
    const asking = client.chat.completions.create({ model: MODEL, messages: user("[[sim: statsu=500]]") });
    await expect(asking).rejects.toMatchObject({ status: 400, code: "invalid_directive" });
    const header = await fetch(`${url}/v1/models`, { headers: { "x-sim-nothing": "1" } });
    expect(header.status).toBe(400);
  });
});

describe("limits", () => {
  test("requests per minute: the next is a 429 until the window ends", async () => {
    let nowMs = 1_000_000;
    const { client } = await startSim({ requestsPerMinute: 2, now: () => nowMs });
    const ask = () => client.models.list().withResponse();
    const first = await ask();
    expect(first.response.headers.get("x-ratelimit-limit-requests")).toBe("2");
    expect(first.response.headers.get("x-ratelimit-remaining-requests")).toBe("1");
    expect(first.response.headers.get("x-ratelimit-reset-requests")).toBe("1m0s");
    await ask();
    nowMs += 20_000;
    const error: unknown = await ask().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "requests" });
    expect(error instanceof RateLimitError ? error.headers.get("retry-after") : undefined).toBe("40");
    nowMs += 40_000;
    expect((await ask()).response.status).toBe(200);
  });

  test("requests at once: one too many is a 429", async () => {
    const { client, sim } = await startSim({ maxConcurrent: 1 });
    const controller = new AbortController();
    const held = client.chat.completions.create({ model: MODEL, messages: user("[[sim: stall]]") }, { signal: controller.signal });
    const heldEnd = held.catch((error: unknown) => error);
    await sim.requests.waitFor(({ fault }) => fault === "stall");
    await expect(client.models.list()).rejects.toMatchObject({ status: 429, code: "concurrency_limit_exceeded" });
    controller.abort();
    expect(await heldEnd).toBeInstanceOf(APIUserAbortError);
    await sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    expect((await client.models.list()).data).not.toHaveLength(0);
  });
});
