import { randomBytes } from "node:crypto";

import { Event, ProviderKind } from "@alfred/contracts";
import type { PutProviderRequest, WatchConfigResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { SeedError } from "../src/index.ts";
import {
  configuration,
  emptyDatabase,
  failureOf,
  newRequest,
  ROOT_KEY,
  SERVICE_TOKEN,
  sql,
  startDirectory,
} from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

const SECRET = `sk-upstream-${randomBytes(24).toString("base64url")}`;
const config = configuration();

describe("the configuration", () => {
  let rig: DirectoryRig;
  let root: Caller;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase(), config);
    root = rig.as(ROOT_KEY);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const provider = (providerId: string, changes: Partial<PutProviderRequest> = {}): PutProviderRequest => ({
    requestId: newRequest(),
    providerId,
    kind: ProviderKind.PROVIDER_KIND_OPENAI,
    baseUrl: "https://api.example.com/v1/",
    priceBook: "",
    region: "",
    apiVersion: "",
    ...changes,
  });
  const deployment = (deploymentId: string, providerId: string) => ({
    requestId: newRequest(),
    deploymentId,
    model: "gpt-4o",
    providerId,
    upstreamModel: "",
  });
  const fieldOf = async (call: Promise<unknown>): Promise<string | undefined> => {
    const failure = await failureOf(call);
    return isFailure(failure, "INVALID_ARGUMENT") ? failure.metadata["field"] : undefined;
  };
  /** What the gateways know: one snapshot. */
  const snapshot = async (): Promise<NonNullable<WatchConfigResponse["event"]>[]> => {
    const events = [];
    for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
      if (event?.$case === "synced") break;
      if (event !== undefined) events.push(event);
    }
    return events;
  };
  const secretAtGateways = async (id: string): Promise<string | undefined> => {
    const found = (await snapshot()).find((event) => event.$case === "provider" && event.value.provider?.id === id);
    return found?.$case === "provider" ? found.value.secret : undefined;
  };

  it("shows a provider without its secret, and the gateways with it", async () => {
    const { provider: made } = await root.config.putProvider(
      provider("shown", { secret: SECRET, priceBook: "openai" }),
    );
    expect(made).toMatchObject({
      id: "shown",
      baseUrl: "https://api.example.com/v1",
      hasSecret: true,
      priceBook: "openai",
    });
    expect((await root.config.listProviders({ pageSize: 0, pageToken: "" })).providers).toContainEqual(made);
    expect(await secretAtGateways("shown")).toBe(SECRET);
  });

  it("keeps the secret where none is sent, replaces it, and removes it where it is empty", async () => {
    await root.config.putProvider(provider("kept", { secret: SECRET }));
    await root.config.putProvider(provider("kept", { baseUrl: "https://api.example.com/v2" }));
    expect(await secretAtGateways("kept")).toBe(SECRET);
    await root.config.putProvider(provider("kept", { secret: "sk-new" }));
    expect(await secretAtGateways("kept")).toBe("sk-new");
    expect((await root.config.putProvider(provider("kept", { secret: "" }))).provider?.hasSecret).toBe(false);
    expect(await secretAtGateways("kept")).toBe("");
  });

  it.each([
    ["another host", "https://elsewhere.example/v1"],
    ["another port", "https://api.example.com:8443/v1"],
    ["another scheme", "http://api.example.com/v1"],
  ])("keeps no secret for %s: it would be sent there", async (_, baseUrl) => {
    await root.config.putProvider(provider("moved", { baseUrl: "https://api.example.com/v1", secret: SECRET }));
    expect(await fieldOf(root.config.putProvider(provider("moved", { baseUrl })))).toBe("secret");
    expect(await secretAtGateways("moved")).toBe(SECRET);
    await root.config.putProvider(provider("moved", { baseUrl, secret: "" }));
    await root.config.putProvider(provider("moved", { baseUrl: "https://api.example.com/v1" }));
    expect(await secretAtGateways("moved")).toBe("");
  });

  it("writes a secret nowhere in clear: no table, no event, no log", async () => {
    await root.config.putProvider(provider("sealed", { secret: SECRET }));
    const forms = [SECRET, Buffer.from(SECRET).toString("hex"), Buffer.from(SECRET).toString("base64").slice(0, 20)];
    for (const table of ["providers", "requests", "outbox", "changes"]) {
      const rows = await sql(rig.databaseUrl, `SELECT ${table}::text AS row FROM ${table}`);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ row }) => forms.some((form) => String(row).includes(form)))).toEqual([]);
    }
    await expect
      .poll(() => rig.events.some(({ bytes }) => Event.decode(bytes).payload?.$case === "providerPut"))
      .toBe(true);
    expect(rig.events.some(({ bytes }) => Buffer.from(bytes).includes(SECRET))).toBe(false);
    expect(rig.logged.some((line) => line.includes(SECRET))).toBe(false);
  });

  it("binds a sealed secret to its provider: in another row it does not open", async () => {
    const databaseUrl = await emptyDatabase();
    await using own = await startDirectory(databaseUrl, config);
    await own.as(ROOT_KEY).config.putProvider(provider("one", { secret: SECRET }));
    await own.as(ROOT_KEY).config.putProvider(provider("two", { secret: "sk-two" }));
    await sql(
      databaseUrl,
      "UPDATE providers SET sealed_secret = (SELECT sealed_secret FROM providers WHERE id = 'one') WHERE id = 'two'",
    );
    const refused = await failureOf(startDirectory(databaseUrl, config));
    expect(refused).toBeInstanceOf(SeedError);
    expect(String(refused)).toMatch(/provider "two"/);
  });

  it("does not start with another master key, and says which variable and provider", async () => {
    await root.config.putProvider(provider("sealed", { secret: SECRET }));
    const refused = await failureOf(startDirectory(rig.databaseUrl, configuration({ masterKey: randomBytes(32) })));
    expect(refused).toBeInstanceOf(SeedError);
    expect(String(refused)).toMatch(/ALFRED_MASTER_KEY .* another master key/);
  });

  it.each<[string, ProviderKind, string, string]>([
    ["azure", ProviderKind.PROVIDER_KIND_AZURE, "https://eu.openai.azure.com/", "https://eu.openai.azure.com"],
    ["anthropic", ProviderKind.PROVIDER_KIND_ANTHROPIC, "https://api.anthropic.com/", "https://api.anthropic.com"],
    ["gemini", ProviderKind.PROVIDER_KIND_GEMINI, "https://gemini.example/v1beta", "https://gemini.example/v1beta"],
    ["cohere", ProviderKind.PROVIDER_KIND_COHERE, "https://cohere.example/v2", "https://cohere.example/v2"],
    ["mistral", ProviderKind.PROVIDER_KIND_MISTRAL, "https://mistral.example/v1", "https://mistral.example/v1"],
    ["perplexity", ProviderKind.PROVIDER_KIND_PERPLEXITY, "https://perplexity.example", "https://perplexity.example"],
    ["ollama", ProviderKind.PROVIDER_KIND_OLLAMA, "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
  ])("keeps what the provider %s speaks, and tells the gateways", async (id, kind, baseUrl, kept) => {
    const { provider: made } = await root.config.putProvider(provider(id, { kind, baseUrl }));
    expect(made).toMatchObject({ id, kind, baseUrl: kept });
    expect(await snapshot()).toContainEqual({ $case: "provider", value: { provider: made, secret: "" } });
    await root.config.deleteProvider({ providerId: id, requestId: newRequest() });
  });

  it.each<[string, Partial<PutProviderRequest>]>([
    ["provider_id", { providerId: "Not An Id" }],
    ["provider_id", { providerId: "" }],
    ["kind", { kind: ProviderKind.PROVIDER_KIND_UNSPECIFIED }],
    ["base_url", { baseUrl: "" }],
    ["base_url", { baseUrl: "ftp://example.com/v1" }],
    ["base_url", { baseUrl: "https://user:secret@example.com/v1" }],
    ["base_url", { baseUrl: "https://example.com/v1?key=secret" }],
    ["base_url", { baseUrl: "https://example.com?api-version=2024-10-21" }],
    ["base_url", { kind: ProviderKind.PROVIDER_KIND_AZURE, baseUrl: "https://example.com?api-version=2024-10-21" }],
    ["region", { region: "x".repeat(65) }],
    ["region", { region: "line\nbreak" }],
    ["api_version", { apiVersion: "2024-10-21" }],
    ["api_version", { kind: ProviderKind.PROVIDER_KIND_AZURE, apiVersion: "2024 10 21" }],
    ["secret", { secret: "two words" }],
    ["secret", { secret: "line\nbreak" }],
    ["price_book", { priceBook: "Open AI" }],
    ["request_id", { requestId: "" }],
  ])("refuses a provider for its %s: %o", async (field, changes) => {
    expect(await fieldOf(root.config.putProvider(provider("wrong", changes)))).toBe(field);
  });

  it("serves models under names of ours, the provider's own by default", async () => {
    await root.config.putProvider(provider("local"));
    const { deployment: made } = await root.config.putDeployment(deployment("gpt-4o.eu_1", "local"));
    expect(made).toMatchObject({ id: "gpt-4o.eu_1", model: "gpt-4o", providerId: "local", upstreamModel: "gpt-4o" });
    expect((await root.config.listDeployments({ pageSize: 0, pageToken: "" })).deployments).toEqual([made]);
    expect(isFailure(await failureOf(root.config.putDeployment(deployment("x", "missing"))), "NOT_FOUND")).toBe(true);
    expect(made?.weight).toBe(1);
    const spare = await root.config.putDeployment({ ...deployment("spare", "local"), weight: 0 });
    expect((await root.config.listDeployments({ pageSize: 0, pageToken: "" })).deployments).toEqual([made, spare.deployment]);
    expect(spare.deployment?.weight).toBe(0);
    await root.config.deleteDeployment({ requestId: newRequest(), deploymentId: "spare" });
    expect(await fieldOf(root.config.putDeployment({ ...deployment("x", "local"), weight: 1_001 }))).toBe("weight");
    expect(await fieldOf(root.config.putDeployment({ ...deployment("x", "local"), model: "" }))).toBe("model");
    expect(await fieldOf(root.config.putDeployment(deployment("X", "local")))).toBe("deployment_id");
  });

  it("does not remove a provider that has deployments", async () => {
    await root.config.putProvider(provider("busy"));
    await root.config.putDeployment(deployment("of-busy", "busy"));
    const remove = { requestId: newRequest(), providerId: "busy" };
    expect(isFailure(await failureOf(root.config.deleteProvider(remove)), "FAILED_PRECONDITION")).toBe(true);
    await root.config.deleteDeployment({ requestId: newRequest(), deploymentId: "of-busy" });
    await root.config.deleteProvider(remove);
    expect(await root.config.deleteProvider(remove)).toEqual({});
    expect(
      isFailure(await failureOf(root.config.deleteProvider({ ...remove, requestId: newRequest() })), "NOT_FOUND"),
    ).toBe(true);
    expect(
      isFailure(
        await failureOf(root.config.deleteDeployment({ requestId: newRequest(), deploymentId: "of-busy" })),
        "NOT_FOUND",
      ),
    ).toBe(true);
  });

  it("reaches the gateways as it changes, removals included, which no later snapshot mentions", async () => {
    const cases: string[] = [];
    let step = 0;
    const steps = [
      () => root.config.putProvider(provider("passing")),
      () => root.config.putDeployment(deployment("passing", "passing")),
      () => root.config.deleteDeployment({ requestId: newRequest(), deploymentId: "passing" }),
      () => root.config.deleteProvider({ requestId: newRequest(), providerId: "passing" }),
    ];
    const expected = ["provider", "deployment", "removedDeploymentId", "removedProviderId"];
    let isLive = false;
    for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
      if (event?.$case !== "synced") {
        if (isLive && event !== undefined) cases.push(event.$case);
        continue;
      }
      isLive = true;
      if (cases.length === expected.length) break;
      if (cases.length === step) await steps[step++]?.();
    }
    expect(cases).toEqual(expected);
    expect((await snapshot()).filter((event) => event.$case.startsWith("removed"))).toEqual([]);
  });

  it("lists by id in pages", async () => {
    const ids: string[] = [];
    for (let pageToken = "", isFirst = true; isFirst || pageToken !== ""; isFirst = false) {
      const page = await root.config.listProviders({ pageSize: 1, pageToken });
      ids.push(...page.providers.map(({ id }) => id));
      pageToken = page.nextPageToken;
    }
    const { providers } = await root.config.listProviders({ pageSize: 0, pageToken: "" });
    expect(ids).toEqual(providers.map(({ id }) => id));
    expect(ids).toEqual(ids.toSorted());
  });
});
