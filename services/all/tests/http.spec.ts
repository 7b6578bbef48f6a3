import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { accepted, createTenant } from "./admin.ts";
import type { Mesh } from "./mesh.ts";

/** The HTTP face to the letter: statuses, headers, and one shape of error. */
export function httpSpec(mesh: () => Mesh): void {
  const send = (path: string, init: RequestInit = {}): Promise<Response> => fetch(mesh().edgeUrl + path, init);
  const authorised = (more: Record<string, string> = {}): Record<string, string> => ({
    authorization: `Bearer ${mesh().demoKey}`,
    "content-type": "application/json",
    ...more,
  });
  const chat = (content: string, more: object = {}): string =>
    JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content }], ...more });

  describe("the HTTP face", () => {
    test.each([
      ["no key", "POST", "/v1/chat/completions", {}, "{}", 401, "invalid_api_key"],
      ["no route", "GET", "/v1/chat", {}, undefined, 404, "route_not_found"],
      ["a wrong method", "GET", "/v1/chat/completions", {}, undefined, 405, "method_not_allowed"],
      ["another content type", "POST", "/v1/chat/completions", { "content-type": "text/plain" }, "{}", 415, "unsupported_media_type"],
      ["broken JSON", "POST", "/v1/chat/completions", {}, '{"model":', 400, "malformed_body"],
      ["a body that is no object", "POST", "/v1/embeddings", {}, "[]", 400, "malformed_body"],
      ["a missing field", "POST", "/v1/chat/completions", {}, '{"model":"gpt-4o-mini"}', 400, "invalid_argument"],
      ["wrong tags", "POST", "/v1/chat/completions", { "x-alfred-tags": "a" }, "{}", 400, "invalid_argument"],
      ["another charset", "POST", "/v1/chat/completions", { "content-type": "application/json; charset=latin1" }, "{}", 415, "unsupported_media_type"],
      ["half a surrogate pair", "POST", "/v1/chat/completions", {}, '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"\\ud800"}]}', 400, "malformed_body"],
      ["a zero byte", "GET", "/admin/v1/keys?parent_id=%00", {}, undefined, 400, "invalid_argument"],
      ["an unknown enum value", "GET", "/admin/v1/nodes?kind=X", {}, undefined, 400, "invalid_argument"],
      ["a wrong idempotency key", "POST", "/v1/chat/completions", { "idempotency-key": "a b" }, "{}", 400, "invalid_argument"],
      ["an unknown field of the administrative API", "POST", "/admin/v1/teams", {}, '{"nome":"x"}', 400, "invalid_argument"],
    ])("answers %s", async (what, method, path, headers, body, status, code) => {
      const sent = what === "no key" ? { "content-type": "application/json" } : authorised(headers);
      const answer = await send(path, { method, headers: sent, ...(body === undefined ? {} : { body }) });
      const { error } = (await answer.json()) as { error: Record<string, string> };
      expect([answer.status, error["code"]]).toEqual([status, code]);
      for (const name of ["message", "type", "hint"]) expect(error[name]).toBeTypeOf("string");
      expect(error).toHaveProperty("param");
      expect(error["request_id"]).toBe(answer.headers.get("x-request-id"));
    });

    test("answers what is no HTTP in the shape of every other error", async () => {
      const { hostname, port } = new URL(mesh().edgeUrl);
      const socket = connect({ host: hostname, port: Number(port) });
      socket.write("GARBAGE\r\n\r\n");
      const answer = (await Array.fromAsync(socket)).join("");
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      const { error } = JSON.parse(body) as { error: Record<string, string> };
      expect(head).toMatch(/^HTTP\/1.1 400 /);
      expect(error).toMatchObject({ code: "malformed_body", request_id: /x-request-id: (\S+)/.exec(head)?.[1] });
    });

    test("refuses a body that is not UTF-8", async () => {
      const body = Buffer.concat([Buffer.from('{"model":"gpt-4o-mini","messages":[{"role":"user","content":"caf'), Buffer.from([0xe9]), Buffer.from('"}]}')]);
      const answer = await send("/v1/chat/completions", { method: "POST", headers: authorised(), body });
      expect([answer.status, ((await answer.json()) as { error: { message: string } }).error.message]).toEqual([400, "The body is not valid UTF-8."]);
    });

    test("names the field that makes an administrative request invalid", async () => {
      const answer = await send("/admin/v1/keys", { method: "POST", headers: authorised(), body: '{"name":"x","expireTime":"tomorrow"}' });
      expect(await answer.json()).toMatchObject({ error: { param: "expireTime" } });
    });

    test("refuses a body over 32 MiB before reading it", async () => {
      const { hostname, port } = new URL(mesh().edgeUrl);
      const headers = authorised({ "content-length": String(33 * 1024 * 1024) });
      const status = await new Promise((resolve, reject) => {
        const request = httpRequest({ hostname, port, path: "/v1/embeddings", method: "POST", headers });
        request.on("response", (answer) => {
          resolve(answer.statusCode);
          request.destroy();
        });
        request.on("error", reject);
        request.write("{");
      });
      expect(status).toBe(413);
    });

    test("tells a client that goes on sending a body that is too large what is wrong, and serves its next request", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { hostname, port } = new URL(mesh().edgeUrl);
      const body = Buffer.alloc(40 * 1024 * 1024, " ");
      const ask = (path: string, method: string, headers: Record<string, string>, bytes: Buffer): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const request = httpRequest({ hostname, port, path, method, headers: authorised(headers), agent });
          request.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode))).on("error", reject).end(bytes);
        });
      const chunked = { "transfer-encoding": "chunked" };
      expect(await ask("/v1/embeddings", "POST", { "content-length": String(body.length) }, body)).toBe(413);
      expect(await ask("/v1/embeddings", "POST", chunked, body)).toBe(413);
      expect(await ask("/v1/models", "GET", {}, Buffer.alloc(0))).toBe(200);
      agent.destroy();
    });

    test("takes x-api-key", async () => {
      expect((await send("/v1/models", { headers: { "x-api-key": mesh().demoKey } })).status).toBe(200);
    });

    test("frames a stream as OpenAI does", async () => {
      const answer = await send("/v1/chat/completions", { method: "POST", headers: authorised(), body: chat("Hi", { stream: true }) });
      expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      const frames = (await answer.text()).split("\n\n");
      expect(frames.slice(-2)).toEqual(["data: [DONE]", ""]);
      for (const frame of frames.slice(0, -2)) expect(JSON.parse(frame.replace(/^data: /, ""))).toMatchObject({ object: "chat.completion.chunk" });
    });

    test("ends a stream that breaks with an error and without [DONE]", async () => {
      const body = chat("[[sim: cut_after=2]] one two three four five six", { stream: true });
      const text = await (await send("/v1/chat/completions", { method: "POST", headers: authorised(), body })).text();
      const last = text.trimEnd().split("\n\n").at(-1) ?? "";
      expect(JSON.parse(last.replace(/^data: /, ""))).toMatchObject({ error: { code: "provider_stream_broken" } });
      expect(text).not.toContain("[DONE]");
    });

    test("passes on what it does not know, both ways", async () => {
      const body = chat("[[sim: extras]] hello").replace(/}$/, ',"novel":{"deep":[null,9007199254740993]}}');
      const text = await (await send("/v1/chat/completions", { method: "POST", headers: authorised(), body })).text();
      expect(text).toContain("9007199254740993");
      expect(mesh().provider.requests.last?.body).toContain('"novel":{"deep":[null,9007199254740993]}');
    });

    test("cancels the call to the provider when the client goes away", async () => {
      const leave = new AbortController();
      const body = chat("[[sim: tokens=500 chunk_delay_ms=50]] go", { stream: true });
      const answer = await send("/v1/chat/completions", { method: "POST", headers: authorised(), body, signal: leave.signal });
      await answer.body?.getReader().read();
      leave.abort();
      await expect.poll(() => mesh().provider.requests.last?.clientDisconnected, { timeout: 10_000 }).toBe(true);
    });

    test("limits requests per minute, and says so", async () => {
      const { admin, teamId } = await createTenant(mesh());
      const { secret } = await admin.ok("POST", "keys", { parentId: teamId, name: "slow", requestsPerMinute: 3 });
      const headers = authorised({ authorization: `Bearer ${secret as string}` });
      await accepted(mesh(), secret as string);
      const answers = await Promise.all(Array.from({ length: 8 }, () => send("/v1/chat/completions", { method: "POST", headers, body: chat("Hi") })));
      const served = answers.filter(({ status }) => status === 200);
      const refused = answers.find(({ status }) => status === 429);
      expect(served.length).toBeGreaterThanOrEqual(1);
      expect(served.length).toBeLessThanOrEqual(6);
      expect(served[0]?.headers.get("x-ratelimit-limit-requests")).toBe("3");
      expect(refused?.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await refused?.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    });

    test("lets pages call", async () => {
      const headers = { origin: "https://app.example", "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
      const preflight = await send("/v1/chat/completions", { method: "OPTIONS", headers });
      expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
      expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization");
    });

    test.each(["/healthz", "/ready", "/metrics"])("serves %s without a key", async (path) => {
      expect((await send(path)).status).toBe(200);
    });

    test("revokes a key", async () => {
      const { admin, key, keyId } = await createTenant(mesh());
      await admin.ok("POST", `keys/${keyId}:revoke`, {});
      const headers = { authorization: `Bearer ${key}` };
      await expect.poll(async () => (await send("/v1/models", { headers })).status, { timeout: 10_000 }).toBe(401);
    });

    test("reports usage by key, team and tag", async () => {
      const { admin, key, keyId, teamId } = await createTenant(mesh());
      const headers = authorised({ authorization: `Bearer ${key}`, "x-alfred-tags": "feature=search" });
      expect((await send("/v1/chat/completions", { method: "POST", headers, body: chat("Hi") })).status).toBe(200);
      const query = "usage?group_by=USAGE_DIMENSION_KEY&group_by=USAGE_DIMENSION_TEAM&group_by=USAGE_DIMENSION_TAG&tag_key=feature";
      const rows = async (): Promise<unknown> => (await admin.ok("GET", query))["rows"];
      await expect.poll(rows, { timeout: 10_000 }).toMatchObject([{ group: [keyId, teamId, "search"], requests: "1" }]);
    });
  });
}
