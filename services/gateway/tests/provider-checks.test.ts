import { CheckResult, ProviderState } from "@alfred/contracts";
import { type Behaviour, SIM_PROVIDER_IDS, type SimProviderId, createProviderSim, simBaseUrls } from "@alfred/provider-sim";
import { describe, expect, test } from "vitest";
import type { Upstream } from "../src/domain/route.ts";
import { checkProvider } from "../src/providers/check-provider.ts";
import { freeRequestOf } from "../src/providers/free-request.ts";
import { createWayOut } from "../src/providers/way-out.ts";
import { FallbackRig, MODEL } from "./fallback-rig.ts";
import { chatOf } from "./rig.ts";
import { type Watch, linesUntil } from "./health-watch.ts";

const WAY_OUT = { maxConnections: 8, connectTimeoutMs: 5_000, certificateAuthority: undefined, proxies: { http: undefined, https: undefined, except: "" } };
const KEY = "key-of-the-checks";

/** What a check of a provider of the simulator comes to, in words. */
async function check(id: SimProviderId, { secret = KEY, behaviour = {}, timeoutMs = 10_000, path = "" }: { secret?: string; behaviour?: Behaviour; timeoutMs?: number; path?: string } = {}): Promise<string> {
  await using sim = createProviderSim({ apiKeys: [KEY], behaviour });
  const upstream: Upstream = { id, kind: id, baseUrl: simBaseUrls(await sim.listen())[id] + path, secret, priceBook: id };
  const wayOut = createWayOut(WAY_OUT);
  try {
    const request = freeRequestOf(upstream);
    const { result, reason } = request === undefined ? { result: "none", reason: "" } : await checkProvider(wayOut, request, AbortSignal.timeout(timeoutMs));
    expect([...sim.requests].filter(({ method }) => method !== "GET")).toEqual([]);
    return `${result} ${reason}`.trim();
  } finally {
    await wayOut.destroy();
  }
}

describe("a check", () => {
  test.each(SIM_PROVIDER_IDS)("asks %s for its models, which it documents, if it does", async (id) => {
    expect(await check(id)).toBe(id === "perplexity" ? "none" : "passed");
  });

  test("asks an address of Azure's that has OpenAI's form, too", async () => {
    expect(await check("azure", { path: "/openai/v1" })).toBe("passed");
  });

  test.each<[string, Behaviour, string]>([
    ["a fault of the server", { status: 503 }, "failed PROVIDER_UNAVAILABLE"],
    ["a connection that breaks", { reset: true }, "failed PROVIDER_UNAVAILABLE"],
    ["a limit", { status: 429 }, "unknown"],
    ["no such list", { status: 404 }, "unknown"],
    ["no right to see it", { status: 403 }, "unknown"],
    ["a page", { nonJson: true }, "unknown"],
  ])("that meets %s says %j: %s", async (_, behaviour, said) => {
    expect(await check("openai", { behaviour })).toBe(said);
  });

  test("fails where the credentials are not known, and where nothing comes", async () => {
    expect(await check("openai", { secret: "another" })).toBe("failed PROVIDER_UNAUTHENTICATED");
    expect(await check("openai", { behaviour: { stall: true }, timeoutMs: 50 })).toBe("failed PROVIDER_TIMEOUT");
  });
});

describe("providers that are checked", () => {
  const env = { ALFRED_UPSTREAM_CHECK_INTERVAL_MS: "20", ALFRED_UPSTREAM_CHECK_OPEN_INTERVAL_MS: "20" };
  const weights = [1, 0] as const;
  const answerer = async ({ rig }: FallbackRig) => (await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: MODEL }) })).receipt;

  test("fail and recover without a request of anybody's, and requests go elsewhere meanwhile", async () => {
    await using rig = await FallbackRig.start({ env, weights });
    const { gateway } = rig.rig;
    const watch: Watch = gateway.watchProviderHealth({ revision: 0n, providerId: "openai" })[Symbol.asyncIterator]();
    await linesUntil(watch, "openai: HEALTHY CLOSED passed");
    rig.openai.behaviour = { status: 503 };
    expect(await linesUntil(watch, "openai: UNAVAILABLE OPEN failed")).toEqual(["openai: DEGRADED CLOSED failed", "openai: UNAVAILABLE OPEN failed"]);
    expect(await answerer(rig)).toMatchObject({ provider: "anthropic", attempts: 1 });
    rig.openai.behaviour = {};
    const lines = await linesUntil(watch, "openai: HEALTHY CLOSED passed");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(expect.arrayContaining(["HALF_OPEN", "CLOSED"]));
    expect([...rig.openai.requests].every(({ method }) => method === "GET")).toBe(true);
    expect(await answerer(rig)).toMatchObject({ provider: "openai", attempts: 1 });
  });

  test("recover from what requests found out", async () => {
    await using rig = await FallbackRig.start({ env, weights, openai: { status: 503 } });
    await answerer(rig);
    rig.openai.behaviour = {};
    const health = async () => (await rig.rig.gateway.getProviderHealth({ providerId: "openai" })).providers[0];
    await expect.poll(health, { timeout: 20_000 }).toMatchObject({ state: ProviderState.PROVIDER_STATE_HEALTHY, lastCheck: { result: CheckResult.CHECK_RESULT_PASSED, reason: "" } });
    expect(await answerer(rig)).toMatchObject({ provider: "openai" });
  });

  test("are counted, and those that are gone are not checked any more", async () => {
    await using rig = await FallbackRig.start({ env, weights });
    const counted = async () => /^alfred_gateway_provider_checks_total\{provider="anthropic",result="passed"\} (\d+)$/m.exec(await rig.rig.registry.metrics())?.[1];
    await expect.poll(counted, { timeout: 10_000 }).toBeDefined();
    rig.rig.peers.config.push({ $case: "removedDeploymentId", value: "b" }, { $case: "removedProviderId", value: "anthropic" });
    await expect.poll(async () => (await rig.rig.gateway.listProviders({})).providers.map(({ id }) => id)).toEqual(["openai"]);
    const before = rig.openai.requests.length;
    const askedBefore = rig.anthropic.requests.length;
    // By then it would have been its turn several times.
    await expect.poll(() => rig.openai.requests.length, { timeout: 10_000 }).toBeGreaterThan(before + 3);
    expect(rig.anthropic.requests.length).toBeLessThanOrEqual(askedBefore + 1);
  });
});
