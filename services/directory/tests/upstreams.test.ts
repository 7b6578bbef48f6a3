import { ConfigSource, ProviderKind } from "@alfred/contracts";
import type { Provider } from "@alfred/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { DirectoryConfig, Upstream } from "../src/index.ts";
import { configuration, emptyDatabase, newRequest, ROOT_KEY, SERVICE_TOKEN, simulatorAt, startDirectory } from "./directory-rig.ts";
import type { DirectoryRig } from "./directory-rig.ts";

const base = configuration();

describe("the providers that the environment gives", () => {
  let cleanup: AsyncDisposableStack;
  let databaseUrl: string;
  let rig: DirectoryRig;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    databaseUrl = await emptyDatabase();
  });
  afterEach(() => cleanup.disposeAsync());

  const start = async (changes: Partial<DirectoryConfig> = {}): Promise<DirectoryRig> => {
    await rig?.[Symbol.asyncDispose]();
    rig = cleanup.use(await startDirectory(databaseUrl, { ...base, ...changes }));
    return rig;
  };

  const simulator = (port: number): Partial<DirectoryConfig> => ({ upstreams: [simulatorAt(port)] });
  const upstreamOf = (id: string, secret: string, fields: Partial<Upstream> = {}): Upstream => ({
    id,
    kind: "openai",
    baseUrl: `https://api.${id}.com/v1`,
    secret,
    priceBook: id,
    region: "",
    apiVersion: "",
    variables: [`${id.toUpperCase()}_API_KEY`],
    ...fields,
  });
  const openai = (secret: string): Partial<DirectoryConfig> => ({ upstreams: [upstreamOf("openai", secret)] });
  const providers = async (): Promise<Provider[]> =>
    (await rig.as(ROOT_KEY).config.listProviders({ pageSize: 0, pageToken: "" })).providers;
  const put = (providerId: string, priceBook: string, secret = "") =>
    rig.as(ROOT_KEY).config.putProvider({
      requestId: newRequest(),
      providerId,
      kind: ProviderKind.PROVIDER_KIND_OPENAI,
      baseUrl: "https://mine.example/v1",
      secret,
      priceBook,
      region: "",
      apiVersion: "",
    });

  it("are the simulator, wherever it runs this time", async () => {
    await start(simulator(1111));
    await start(simulator(2222));
    expect(await providers()).toMatchObject([
      { id: "simulator", baseUrl: "http://127.0.0.1:2222/v1", priceBook: "openai", hasSecret: false },
    ]);
  });

  it("change nothing and tell nothing where they are the same", async () => {
    await start(openai("sk-one"));
    const [before] = await providers();
    await start(openai("sk-one"));
    expect(await providers()).toEqual([before]);
  });

  it("are OpenAI where a key is given, instead of the simulator, and back", async () => {
    await start(simulator(1111));
    await start(openai("sk-one"));
    expect(await providers()).toMatchObject([
      { id: "openai", baseUrl: "https://api.openai.com/v1", hasSecret: true, priceBook: "openai" },
    ]);
    await start(simulator(1111));
    expect((await providers()).map(({ id }) => id)).toEqual(["simulator"]);
  });

  it("seed only what is empty: what a call has put stays", async () => {
    await start(simulator(1111));
    await put("simulator", "openai");
    await start(simulator(2222));
    expect(await providers()).toMatchObject([{ id: "simulator", baseUrl: "https://mine.example/v1" }]);
    expect(rig.logged.some((line) => line.includes("ALFRED_SIMULATOR_URL gives is not used"))).toBe(true);
  });

  it("stand beside what calls have put under other ids, with the key that is given now, whatever came first", async () => {
    const secretOf = async (id: string): Promise<string | undefined> => {
      for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
        if (event?.$case === "provider" && event.value.provider?.id === id) return event.value.secret;
      }
      return undefined;
    };
    await start(simulator(1111));
    await put("earlier", "openai");
    await start(openai("sk-old"));
    await put("later", "openai");
    await start(openai("sk-new"));
    expect((await providers()).map(({ id }) => id)).toEqual(["earlier", "later", "openai"]);
    expect(await secretOf("openai")).toBe("sk-new");
    expect(rig.logged.some((line) => line.includes("OPENAI_API_KEY"))).toBe(false);
  });

  it("apply again, at once, where a call deletes what a call has put in their place", async () => {
    await start(openai("sk-one"));
    await put("openai", "openai", "sk-mine");
    await start(openai("sk-two"));
    expect(rig.logged.some((line) => line.includes("what OPENAI_API_KEY gives is not used"))).toBe(true);
    await rig.as(ROOT_KEY).config.deleteProvider({ requestId: newRequest(), providerId: "openai" });
    expect(await providers()).toMatchObject([{ id: "openai", baseUrl: "https://api.openai.com/v1", source: ConfigSource.CONFIG_SOURCE_ENVIRONMENT }]);
  });

  it("are every provider whose key is given, each with what it speaks, and those that are gone are removed", async () => {
    const anthropic = upstreamOf("anthropic", "sk-ant", { kind: "anthropic", baseUrl: "https://api.anthropic.com" });
    const mistral = upstreamOf("mistral", "m");
    await start(simulator(1111));
    await start({ upstreams: [upstreamOf("openai", "sk-one"), anthropic, mistral] });
    expect(await providers()).toMatchObject([
      { id: "anthropic", kind: ProviderKind.PROVIDER_KIND_ANTHROPIC, baseUrl: "https://api.anthropic.com", hasSecret: true },
      { id: "mistral", kind: ProviderKind.PROVIDER_KIND_OPENAI, priceBook: "mistral" },
      { id: "openai", kind: ProviderKind.PROVIDER_KIND_OPENAI, priceBook: "openai" },
    ]);
    await start({ upstreams: [anthropic] });
    expect((await providers()).map(({ id }) => id)).toEqual(["anthropic"]);
  });

  it("leave alone what a call has put, and the others apply", async () => {
    await start(simulator(1111));
    await put("anthropic", "anthropic");
    const anthropic = upstreamOf("anthropic", "sk-ant", { kind: "anthropic" });
    await start({ upstreams: [anthropic, upstreamOf("groq", "gsk")] });
    expect(await providers()).toMatchObject([{ id: "anthropic", baseUrl: "https://mine.example/v1" }, { id: "groq" }]);
    expect(rig.logged.some((line) => line.includes("ANTHROPIC_API_KEY"))).toBe(true);
  });

  it("do not remove one of an earlier start that has deployments", async () => {
    await start(simulator(1111));
    await rig.as(ROOT_KEY).config.putDeployment({
      requestId: newRequest(),
      deploymentId: "d",
      model: "m",
      providerId: "simulator",
      upstreamModel: "",
    });
    await start(openai("sk-one"));
    expect((await providers()).map(({ id }) => id)).toEqual(["openai", "simulator"]);
  });
});
