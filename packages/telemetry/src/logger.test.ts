import { describe, expect, test } from "vitest";
import { createLogger } from "./index.ts";
import type { Logger, LogLevel } from "./index.ts";

function recorded(options: { level?: LogLevel; pretty?: boolean } = {}): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = createLogger({ name: "wallet", ...options, destination: { write: (line) => lines.push(line) } });
  return { log, lines };
}

test("a line is JSON that says when, how loud, who and what", () => {
  const { log, lines } = recorded();
  log.info({ request_id: "req_1", amount_nanos: 5 }, "charged");
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    level: "info",
    name: "wallet",
    request_id: "req_1",
    amount_nanos: 5,
    msg: "charged",
  });
});

test("what is below the level is not written", () => {
  const { log, lines } = recorded({ level: "warn" });
  log.info("quiet");
  log.warn("loud");
  expect(lines).toHaveLength(1);
});

test("an error is written with its stack and its cause", () => {
  const { log, lines } = recorded();
  log.error({ err: new Error("no charge", { cause: new Error("no connection") }) }, "failed");
  const { err } = JSON.parse(lines[0] ?? "") as { err: { message: string; stack: string; cause: { message: string } } };
  expect(err.message).toBe("no charge");
  expect(err.stack).toContain("logger.test.ts");
  expect(err.cause.message).toBe("no connection");
});

describe("a secret is taken out", () => {
  const secret = "hunter2hunter2hunter2";

  test.each([
    ["an authorization header", { headers: { authorization: `Bearer ${secret}` } }],
    ["its capitalised form", { Authorization: secret }],
    ["a key header, deep down", { a: { b: { c: { "x-api-key": secret } } } }],
    ["an API key", { openai_api_key: secret }],
    ["an API key in camel case", { apiKey: secret }],
    ["a service token", { ALFRED_SERVICE_TOKEN: secret }],
    ["a password with a quote", { password: `"${secret}\\` }],
    ["a list of headers", { raw: ["authorization", `Bearer ${secret}`] }],
    ["a child's field", { masterKey: secret }],
    ["a cookie", { "set-cookie": `session=${secret}` }],
    ["the password in a URL", { url: `postgres://alfred:${secret}@localhost/alfred` }],
    ["a provider key in a text", { detail: `the key sk-${secret} is not known` }],
    ["an error", { err: new Error(`401 for Bearer ${secret}`) }],
  ])("from %s", (_, fields) => {
    const { log, lines } = recorded();
    log.child(fields).info(fields, "said");
    expect(lines[0]).not.toContain(secret);
    expect(lines[0]).toContain("[redacted]");
    expect(() => JSON.parse(lines[0] ?? "") as unknown).not.toThrow();
  });

  test("from the message itself", () => {
    const { log, lines } = recorded();
    log.info(`using Bearer ${secret}`);
    expect(lines[0]).not.toContain(secret);
  });

  test("and nothing else is", () => {
    const { log, lines } = recorded();
    const fields = { input_tokens: 12, key_id: "key_1", tokens: "many", url: "http://localhost:8080/a?b=c@d", secret_count: "3" };
    log.info(fields, "a bearer of news; basically fine");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ ...fields, msg: "a bearer of news; basically fine" });
  });
});

test("a pretty line is text for people", () => {
  const { log, lines } = recorded({ pretty: true });
  log.warn({ port: 8080, peers: ["a"] }, "listening");
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}wallet listening port=8080 peers=\["a"\]\n$/);
  log.error({ err: new Error("broken") }, "failed");
  expect(lines[1]).toContain("wallet failed\n    Error: broken\n        at ");
});
