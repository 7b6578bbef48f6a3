import { BreakerState, GatewayServiceService, ModelPrice, ProviderState } from "@alfred/contracts";
import { createClient } from "@alfred/rpc";
import { describe, expect, test } from "vitest";
import { FallbackRig, MODEL } from "./fallback-rig.ts";
import { type Watch, nextLines, read } from "./health-watch.ts";
import { SERVICE_TOKEN, price } from "./peers.ts";
import { chatOf, failureOf } from "./rig.ts";

const ask = ({ rig }: FallbackRig, fields: Readonly<Record<string, unknown>> = {}) =>
  rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: MODEL, ...fields }) });

/** As peers and root see it. */
const whole = ({ rig }: FallbackRig) => createClient(GatewayServiceService, rig.service.transport, { token: SERVICE_TOKEN, timeoutMs: 30_000 });

describe("the health of providers", () => {
  test("is told of each deployment, before anybody called it and after it failed", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 503 } });
    const { providers: before } = await rig.rig.gateway.getProviderHealth({ providerId: "" });
    expect(before.map(({ providerId, state, deployments }) => [providerId, state, deployments.map(({ model }) => model)])).toEqual([
      ["anthropic", ProviderState.PROVIDER_STATE_HEALTHY, ["claude-opus-4-5"]], ["openai", ProviderState.PROVIDER_STATE_HEALTHY, ["gpt-4o-mini"]],
    ]);
    await ask(rig);
    const { providers: [openai] } = await rig.rig.gateway.getProviderHealth({ providerId: "openai" });
    expect(openai?.state).toBe(ProviderState.PROVIDER_STATE_UNAVAILABLE);
    expect(openai?.deployments).toMatchObject([{ model: "gpt-4o-mini", state: BreakerState.BREAKER_STATE_OPEN, reason: "PROVIDER_UNAVAILABLE", share: 1, load: undefined }]);
    const [deployment] = openai?.deployments ?? [];
    expect(Number(deployment?.openUntilTime) - Number(deployment?.sinceTime)).toBe(1_000);
    const { providers } = await rig.rig.gateway.listProviders({});
    expect(providers.map(({ id, state }) => [id, state])).toEqual([["anthropic", ProviderState.PROVIDER_STATE_HEALTHY], ["openai", ProviderState.PROVIDER_STATE_UNAVAILABLE]]);
    const { providers: [seen] } = await whole(rig).getProviderHealth({ providerId: "openai" });
    expect(seen?.deployments).toMatchObject([{ load: { inFlight: 0, recentCalls: 3, recentFailures: 3, failuresInRow: 3 } }]);
  });

  test("of what a key may not use is not there", async () => {
    await using rig = await FallbackRig.start({ allowedModels: { team_1: ["claude-*"] } });
    const { gateway } = rig.rig;
    expect((await gateway.listProviders({})).providers.map(({ id }) => id)).toEqual(["anthropic"]);
    expect((await gateway.getProviderHealth({ providerId: "" })).providers.map(({ providerId }) => providerId)).toEqual(["anthropic"]);
    expect(await failureOf(gateway.getProviderHealth({ providerId: "openai" }))).toMatchObject({ code: "NOT_FOUND" });
    const watch: Watch = gateway.watchProviderHealth({ revision: 0n, providerId: "openai" })[Symbol.asyncIterator]();
    expect(await failureOf(watch.next())).toMatchObject({ code: "NOT_FOUND" });
    expect((await whole(rig).listProviders({})).providers.map(({ id }) => id)).toEqual(["anthropic", "openai"]);
  });

  test("does not tell the names that others asked for", async () => {
    await using rig = await FallbackRig.start();
    const any = ModelPrice.create({ provider: "openai", model: "*", meters: [price("input_tokens", 1n), price("output_tokens", 1n)] });
    rig.rig.peers.prices.push({ $case: "price", value: any });
    const asked = () => ask(rig, { model: "openai/secret-project" }).then(() => true, () => false);
    await expect.poll(asked).toBe(true);
    const names = async (client: Pick<FallbackRig["rig"]["gateway"], "getProviderHealth">) =>
      (await client.getProviderHealth({ providerId: "openai" })).providers[0]?.deployments.map(({ model }) => model);
    expect(await names(rig.rig.gateway)).toEqual(["gpt-4o-mini"]);
    expect(await names(whole(rig))).toEqual(["gpt-4o-mini", "secret-project"]);
    rig.openai.behaviour = { status: 401 };
    await ask(rig, { model: "openai/secret-project" }).catch(() => undefined);
    const states = async (client: Pick<FallbackRig["rig"]["gateway"], "listProviders">) => (await client.listProviders({})).providers.map(({ state }) => state);
    const { PROVIDER_STATE_HEALTHY: healthy, PROVIDER_STATE_DEGRADED: degraded } = ProviderState;
    expect([await states(rig.rig.gateway), await states(whole(rig))]).toEqual([[healthy, healthy], [healthy, degraded]]);
  });
});

describe("a watch of the health of providers", () => {
  test("begins with all, and tells each change", async () => {
    await using rig = await FallbackRig.start({ openai: { status: 503 } });
    const watch: Watch = rig.rig.gateway.watchProviderHealth({ revision: 0n, providerId: "" })[Symbol.asyncIterator]();
    expect(await nextLines(watch, 3)).toEqual(["snapshotStarted", "anthropic: HEALTHY CLOSED", "openai: HEALTHY CLOSED"]);
    await ask(rig);
    expect(await nextLines(watch, 1)).toEqual(["openai: UNAVAILABLE OPEN"]);
    rig.openai.behaviour = {};
    const changes = nextLines(watch, 2);
    let isOver = false;
    void changes.finally(() => (isOver = true));
    // Who asks for it finds out that it works again.
    await expect.poll(async () => (await ask(rig), isOver), { timeout: 20_000 }).toBe(true);
    expect(await changes).toEqual(["openai: UNAVAILABLE HALF_OPEN", "openai: HEALTHY CLOSED"]);
  });

  test("tells of providers that come and go, goes on where nothing changed, and begins anew where something did", async () => {
    await using rig = await FallbackRig.start();
    const open = (revision: bigint): Watch => rig.rig.gateway.watchProviderHealth({ revision, providerId: "" })[Symbol.asyncIterator]();
    const watch = open(0n);
    await nextLines(watch, 3);
    const event = (await read(watch))?.event;
    const revision = event?.$case === "synced" ? event.value.revision : 0n;
    expect(revision).toBeGreaterThan(0n);
    const resumed = open(revision);
    expect((await read(resumed))?.event).toEqual({ $case: "synced", value: { revision } });
    rig.rig.peers.config.push({ $case: "removedDeploymentId", value: "b" }, { $case: "removedProviderId", value: "anthropic" });
    for (const each of [watch, resumed]) expect(await nextLines(each, 2)).toEqual(["openai: HEALTHY CLOSED", "no anthropic"]);
    const late = open(revision);
    expect(await nextLines(late, 2)).toEqual(["snapshotStarted", "openai: HEALTHY CLOSED"]);
  });
});
