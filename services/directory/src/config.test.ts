import { ConfigError, readEnv } from "@alfred/config";
import { describe, expect, it } from "vitest";

import { readDirectoryConfig } from "./config.ts";
import type { DirectoryConfig } from "./config.ts";

const read = (env: Record<string, string>): DirectoryConfig =>
  readEnv({ ALFRED_MASTER_KEY: "ab".repeat(32), ALFRED_SERVICE_TOKEN: "t".repeat(32), ...env }, readDirectoryConfig);

describe("the directory's environment", () => {
  it("takes the master key as hex and as base64", () => {
    const bytes = Buffer.alloc(32, 7);
    expect(read({ ALFRED_MASTER_KEY: bytes.toString("hex") }).masterKey).toEqual(bytes);
    expect(read({ ALFRED_MASTER_KEY: bytes.toString("base64") }).masterKey).toEqual(bytes);
    expect(() => read({ ALFRED_MASTER_KEY: "short" })).toThrow(ConfigError);
  });

  it("has a demo budget of ten dollars unless another is given, exactly", () => {
    expect(read({}).demo).toEqual({ key: undefined, budgetNanos: 10_000_000_000n });
    expect(read({ ALFRED_DEMO_BUDGET_USD: "0.000000001" }).demo.budgetNanos).toBe(1n);
    expect(() => read({ ALFRED_DEMO_BUDGET_USD: "-1" })).toThrow(ConfigError);
  });

  it("sends OpenAI's models to OpenAI where its key or its address is set, else to the simulator", () => {
    const simulator = { ALFRED_SIMULATOR_URL: "http://127.0.0.1:9/v1/" };
    expect(read({}).upstream).toBeUndefined();
    expect(read(simulator).upstream).toEqual({ id: "simulator", baseUrl: "http://127.0.0.1:9/v1", secret: "" });
    expect(read({ ...simulator, OPENAI_API_KEY: "sk-x" }).upstream).toEqual({
      id: "openai",
      baseUrl: "https://api.openai.com/v1",
      secret: "sk-x",
    });
    expect(read({ ...simulator, OPENAI_BASE_URL: "http://host:1/v1" }).upstream).toEqual({
      id: "openai",
      baseUrl: "http://host:1/v1",
      secret: "",
    });
  });

  it("names what is wrong without showing a secret", () => {
    const wrong = {
      ALFRED_ROOT_KEY: "hunter2",
      OPENAI_API_KEY: "two words",
      OPENAI_BASE_URL: "https://me:hunter2@x/v1",
    };
    expect(() => read(wrong)).toThrow(/ALFRED_ROOT_KEY[^]*OPENAI_BASE_URL[^]*OPENAI_API_KEY/);
    expect(() => read(wrong)).not.toThrow(/hunter2|two words/);
  });
});
