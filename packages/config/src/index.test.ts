import { describe, expect, test } from "vitest";
import { ConfigError, readEnv } from "./index.ts";
import type { Env, EnvReader } from "./index.ts";

function problemsOf(env: Env, read: (env: EnvReader) => unknown): readonly string[] {
  try {
    readEnv(env, read);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

test("values are read as what they are", () => {
  const env = {
    TEXT: " some text ",
    COUNT: "-12",
    PORT: "8080",
    FLAG: "Yes",
    LEVEL: "info",
    DATABASE_URL: "postgres://user:password@localhost/alfred",
    BUDGET: "10.000000001",
    KEY: "a-secret-of-32-characters-or-more",
    ALFRED_WALLET_ADDRESS: "[::1]:50053",
    LIST: "a,b",
  };
  const read = readEnv(env, (reader) => ({
    text: reader.string("TEXT"),
    count: reader.integer("COUNT", { min: -20, max: 20 }),
    port: reader.port("PORT"),
    flag: reader.boolean("FLAG"),
    level: reader.oneOf("LEVEL", ["debug", "info"]),
    url: reader.url("DATABASE_URL", { schemes: ["postgres"] }),
    budget: reader.decimal("BUDGET", { places: 9 }),
    key: reader.secret("KEY", { minLength: 32 }),
    wallet: reader.address("wallet"),
    list: reader.custom("LIST", { expected: "a list", parse: (text) => text.split(",") }),
  }));
  expect(read).toEqual({
    text: "some text",
    count: -12,
    port: 8080,
    flag: true,
    level: "info",
    url: env.DATABASE_URL,
    budget: "10.000000001",
    key: env.KEY,
    wallet: "[::1]:50053",
    list: ["a", "b"],
  });
});

describe("a variable that is not set", () => {
  test("takes its fallback, undefined too, and so does an empty one", () => {
    const read = readEnv({ PORT: "", NAME: "  " }, (env) => ({
      port: env.port("PORT", { fallback: 8080 }),
      name: env.string("NAME", { fallback: undefined }),
      redis: env.url("REDIS_URL", { schemes: ["redis"], fallback: undefined }),
    }));
    expect(read).toEqual({ port: 8080, name: undefined, redis: undefined });
  });

  test("is a problem without one", () => {
    expect(problemsOf({}, (env) => env.string("NAME"))).toEqual(["NAME is not set; expected a text"]);
  });
});

test("all problems are told at once, one line each", () => {
  const env = { PORT: "80800", COUNT: "1.5", FLAG: "maybe", BUDGET: "-1", ALFRED_AUDIT_ADDRESS: "audit", LEVEL: "loud" };
  const problems = problemsOf(env, (reader) => [
    reader.port("PORT"),
    reader.integer("COUNT", { min: 1 }),
    reader.boolean("FLAG"),
    reader.decimal("BUDGET", { places: 9, fallback: "10" }),
    reader.address("audit"),
    reader.oneOf("LEVEL", ["debug", "info"]),
  ]);
  expect(problems).toEqual([
    'PORT is "80800"; expected a whole number from 0 to 65535',
    'COUNT is "1.5"; expected a whole number of at least 1',
    'FLAG is "maybe"; expected true or false',
    'BUDGET is "-1"; expected a decimal of at least 0 with at most 9 places',
    'ALFRED_AUDIT_ADDRESS is "audit"; expected host:port, such as 127.0.0.1:50053',
    'LEVEL is "loud"; expected one of debug, info',
  ]);
});

test("nothing of a secret is shown, nor of a URL, which may hold a password", () => {
  const env = { KEY: "hunter2", DATABASE_URL: "mysql://root:hunter2@localhost", MASTER: "hunter2" };
  const problems = problemsOf(env, (reader) => [
    reader.secret("KEY", { minLength: 32 }),
    reader.url("DATABASE_URL", { schemes: ["postgres", "postgresql"] }),
    reader.custom("MASTER", { expected: "32 bytes as base64", parse: () => undefined, secret: true }),
  ]);
  expect(problems).toHaveLength(3);
  expect(problems.join("\n")).not.toContain("hunter2");
  expect(problems[1]).toContain("expected a URL that begins with postgres:// or postgresql://");
});

test("the services' token is long enough, or a problem that does not show it", () => {
  const token = "t".repeat(32);
  expect(readEnv({ ALFRED_SERVICE_TOKEN: token }, (env) => env.serviceToken())).toBe(token);
  expect(problemsOf({ ALFRED_SERVICE_TOKEN: token.slice(1) }, (env) => env.serviceToken())).toEqual([
    "ALFRED_SERVICE_TOKEN is set to something else (31 characters, not shown); expected a secret of at least 32 characters",
  ]);
});

test("a long value is cut short in its message", () => {
  const [problem = ""] = problemsOf({ PORT: "9".repeat(500) }, (env) => env.port("PORT"));
  expect(problem.length).toBeLessThan(150);
});
