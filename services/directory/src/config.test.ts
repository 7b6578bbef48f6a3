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
    expect(read({}).upstreams).toEqual([]);
    expect(read(simulator).upstreams).toMatchObject([{ id: "simulator", baseUrl: "http://127.0.0.1:9/v1", secret: "", priceBook: "openai" }]);
    expect(read({ ...simulator, OPENAI_API_KEY: "sk-x" }).upstreams).toMatchObject([
      { id: "openai", kind: "openai", baseUrl: "https://api.openai.com/v1", secret: "sk-x", priceBook: "openai" },
    ]);
    expect(read({ ...simulator, OPENAI_BASE_URL: "http://host:1/v1" }).upstreams).toMatchObject([
      { id: "openai", baseUrl: "http://host:1/v1", secret: "" },
    ]);
  });

  it.each([
    ["ANTHROPIC_API_KEY", "anthropic", "anthropic", "https://api.anthropic.com", "anthropic"],
    ["GEMINI_API_KEY", "gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", "google"],
    ["COHERE_API_KEY", "cohere", "cohere", "https://api.cohere.com/v2", "cohere"],
    ["MISTRAL_API_KEY", "mistral", "mistral", "https://api.mistral.ai/v1", "mistral"],
    ["DEEPSEEK_API_KEY", "deepseek", "deepseek", "https://api.deepseek.com/v1", "deepseek"],
    ["GROQ_API_KEY", "groq", "groq", "https://api.groq.com/openai/v1", "groq"],
    ["TOGETHER_API_KEY", "together", "together", "https://api.together.xyz/v1", "together"],
    ["PERPLEXITY_API_KEY", "perplexity", "perplexity", "https://api.perplexity.ai", "perplexity"],
    ["LAMBDA_API_KEY", "lambda", "lambda", "https://api.lambda.ai/v1", "lambda"],
  ])("takes %s for the provider %s, and its address from a variable beside it", (variable, id, kind, baseUrl, priceBook) => {
    const simulator = { ALFRED_SIMULATOR_URL: "http://127.0.0.1:9/v1" };
    const address = variable.replace("_API_KEY", "_BASE_URL");
    expect(read({ ...simulator, [variable]: "k" }).upstreams).toMatchObject([{ id, kind, baseUrl, secret: "k", priceBook }]);
    expect(read({ [variable]: "k", [address]: "http://proxy:1/x/" }).upstreams).toMatchObject([{ id, baseUrl: "http://proxy:1/x" }]);
    expect(read({ ...simulator, [address]: "http://proxy:1/x" }).upstreams).toMatchObject([{ id: "simulator" }]);
  });

  it("takes Azure's key with the endpoint of its resource, and asks for it", () => {
    const key = { AZURE_OPENAI_API_KEY: "k" };
    const endpoint = { AZURE_OPENAI_ENDPOINT: "https://eu.openai.azure.com/" };
    expect(read({ ...key, ...endpoint }).upstreams).toMatchObject([
      { id: "azure", kind: "azure", baseUrl: "https://eu.openai.azure.com", secret: "k", priceBook: "azure", apiVersion: "" },
    ]);
    expect(read({ ...key, ...endpoint, AZURE_OPENAI_BASE_URL: "http://proxy:1" }).upstreams).toMatchObject([
      { baseUrl: "http://proxy:1" },
    ]);
    expect(() => read(key)).toThrow(/AZURE_OPENAI_ENDPOINT/);
    expect(() => read({ ...key, AZURE_OPENAI_ENDPOINT: "https://eu.openai.azure.com/?api-version=2024-10-21" })).toThrow(/query/);
  });

  it("takes the version of Azure's API from its own variable, or from that of OpenAI's SDK", () => {
    const azure = { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: "https://eu.openai.azure.com" };
    const versionOf = (env: Record<string, string>): unknown => read({ ...azure, OPENAI_API_KEY: "o", ...env }).upstreams.map(({ apiVersion }) => apiVersion);
    expect(versionOf({ OPENAI_API_VERSION: "2024-06-01" })).toEqual(["", "2024-06-01"]);
    expect(versionOf({ OPENAI_API_VERSION: "2024-06-01", AZURE_OPENAI_API_VERSION: "2025-01-01-preview" })).toEqual(["", "2025-01-01-preview"]);
    expect(() => versionOf({ AZURE_OPENAI_API_VERSION: "a b" })).toThrow(/AZURE_OPENAI_API_VERSION/);
  });

  it("finds Ollama elsewhere, with or without a key, the whole address before its host", () => {
    expect(read({ OLLAMA_BASE_URL: "http://gpu.lan:1/x", OLLAMA_HOST: "other" }).upstreams).toMatchObject([{ id: "ollama", baseUrl: "http://gpu.lan:1/x", secret: "" }]);
    expect(read({ OLLAMA_API_KEY: "k" }).upstreams).toMatchObject([{ id: "ollama", baseUrl: "http://127.0.0.1:11434/v1", secret: "k" }]);
  });

  it("knows where its configuration file is, and looks up what that names", () => {
    expect(read({}).file).toBeUndefined();
    const { file } = read({ ALFRED_CONFIG_FILE: "/etc/alfred/config.yaml", MINE: " sk-1 " });
    expect([file?.path, file?.variable("MINE"), file?.variable("OTHER")]).toEqual(["/etc/alfred/config.yaml", "sk-1", undefined]);
  });

  it.each([
    ["127.0.0.1:11434", "http://127.0.0.1:11434/v1"],
    ["0.0.0.0", "http://127.0.0.1:11434/v1"],
    ["gpu.lan:80", "http://gpu.lan/v1"],
    ["https://ollama.example/", "https://ollama.example/v1"],
    ["http://gpu.lan:1234/v1", "http://gpu.lan:1234/v1"],
  ])("finds Ollama behind OLLAMA_HOST=%s", (host, baseUrl) => {
    expect(read({ OLLAMA_HOST: host }).upstreams).toMatchObject([{ id: "ollama", kind: "ollama", baseUrl, secret: "" }]);
  });

  it("takes as many providers as are given", () => {
    const keys = { OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b", GROQ_API_KEY: "c" };
    expect(read(keys).upstreams.map(({ id }) => id)).toEqual(["openai", "anthropic", "groq"]);
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
