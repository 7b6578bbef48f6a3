import { Alias, Deployment, Provider, ProviderKind, type WatchConfigResponse } from "@alfred/contracts";
import { describe, expect, it } from "vitest";
import { ConfigState } from "./config-state.ts";

type Event = NonNullable<WatchConfigResponse["event"]>;

const synced: Event = { $case: "synced", value: { revision: 1n } };
const provider = (id: string, secret: string, fields: Partial<Provider> = {}): Event => {
  const openai = { id, kind: ProviderKind.PROVIDER_KIND_OPENAI, baseUrl: `https://${id}.test/v1`, priceBook: id };
  return { $case: "provider", value: { provider: Provider.create({ ...openai, ...fields }), secret } };
};
const deployment = (id: string, providerId: string): Event => ({ $case: "deployment", value: Deployment.create({ id, model: "m", providerId, upstreamModel: "u" }) });
const alias = (name: string, model: string): Event => ({ $case: "alias", value: Alias.create({ alias: name, model }) });

describe("the configuration as a gateway has it", () => {
  /** A state that has heard of these, and then that they are whole. */
  const heard = (...events: Event[]): ConfigState => {
    const state = new ConfigState();
    for (const event of [...events, synced]) state.apply(event);
    return state;
  };

  it("knows of a provider where it is, what it speaks, in which version, and its key", () => {
    const azure = { kind: ProviderKind.PROVIDER_KIND_AZURE, region: "westeurope", apiVersion: "2025-01-01-preview" };
    const { routes } = heard(provider("eu", "k", azure));
    expect(routes.providers.get("eu")).toMatchObject({ id: "eu", kind: "azure", baseUrl: "https://eu.test/v1", secret: "k", priceBook: "eu", region: "westeurope", apiVersion: "2025-01-01-preview" });
  });

  it("counts what came once it is whole, and follows changes and removals", () => {
    const state = heard(provider("a", "one"), deployment("d", "a"), alias("nick", "m"));
    const before = state.routes;
    for (const event of [provider("a", "two"), alias("nick", "other")]) state.apply(event);
    expect([state.routes.providers.get("a")?.secret, state.routes.aliases.get("nick")]).toEqual(["one", "m"]);
    state.apply(synced);
    expect([state.routes.providers.get("a")?.secret, state.routes.aliases.get("nick")]).toEqual(["two", "other"]);
    expect([before.providers.get("a")?.secret, before.aliases.get("nick")]).toEqual(["one", "m"]);
    for (const event of [{ $case: "removedAlias", value: "nick" }, { $case: "removedDeploymentId", value: "d" }, { $case: "removedProviderId", value: "a" }, synced] as const) state.apply(event);
    expect([state.routes.providers.size, state.routes.deployments.size, state.routes.aliases.size]).toEqual([0, 0, 0]);
  });

  it("begins anew with a snapshot, and keeps its table while nothing changes", () => {
    const state = heard(provider("a", "one"), alias("nick", "m"));
    const { routes } = state;
    state.apply(synced);
    expect(state.routes).toBe(routes);
    for (const event of [{ $case: "snapshotStarted", value: {} } as const, provider("b", "two"), synced]) state.apply(event);
    expect([[...state.routes.providers.keys()], state.routes.aliases.size]).toEqual([["b"], 0]);
  });

  it("serves nothing from a provider that speaks what is not known here", () => {
    expect(heard(provider("new", "k", { kind: 99 as ProviderKind })).routes.providers.size).toBe(0);
  });
});
