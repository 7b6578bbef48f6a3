import { CreateKeyRequest, CreateOrganisationRequest, CreateTeamRequest, Event, ExperimentArm, PutRouteRuleRequest, RouteExperiment, RouteOperator, RouteShadow, RouteStrategy } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, SERVICE_TOKEN, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

describe("rules for routes", () => {
  let rig: DirectoryRig;
  let config: Caller["config"];

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    config = rig.as(ROOT_KEY).config;
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  const request = (ruleId: string, fields: Partial<PutRouteRuleRequest> = {}): PutRouteRuleRequest => ({
    ...PutRouteRuleRequest.create({ requestId: newRequest(), ruleId }), fallbacks: ["gpt-4o"], ...fields,
  });
  const condition = (field: string, ...values: string[]) => ({ field, operator: RouteOperator.ROUTE_OPERATOR_MATCHES, values });
  const all = async () => (await config.listRouteRules({ pageSize: 0, pageToken: "" })).rules;

  it("are put whole, replaced under a new version, listed by id in pages, and deleted", async () => {
    const fields = { priority: -5, conditions: [condition("tag:feature", "^sea")], targets: [{ model: "openai/gpt-4o", weight: 0 }, { model: "fast", weight: undefined }], strategy: RouteStrategy.ROUTE_STRATEGY_CHEAPEST };
    const { rule } = await config.putRouteRule(request("search", fields));
    expect(rule).toMatchObject({ id: "search", enabled: true, version: 1n, fallbacks: ["gpt-4o"], ...fields });
    expect(rule?.updateTime).toBeInstanceOf(Date);
    expect((await config.putRouteRule(request("search", { enabled: false }))).rule).toMatchObject({ enabled: false, version: 2n, conditions: [] });
    await config.putRouteRule(request("another"));
    expect((await all()).map(({ id, version }) => [id, version])).toEqual([["another", 1n], ["search", 2n]]);
    const { rules, nextPageToken } = await config.listRouteRules({ pageSize: 1, pageToken: "" });
    const { rules: rest } = await config.listRouteRules({ pageSize: 1, pageToken: nextPageToken });
    expect([...rules, ...rest].map(({ id }) => id)).toEqual(["another", "search"]);
    const remove = { requestId: newRequest(), ruleId: "another" };
    await config.deleteRouteRule(remove);
    expect(await config.deleteRouteRule(remove)).toEqual({});
    expect(isFailure(await failureOf(config.deleteRouteRule({ ...remove, requestId: newRequest() })), "NOT_FOUND")).toBe(true);
    expect((await all()).map(({ id }) => id)).toEqual(["search"]);
  });

  it("are put once per request id", async () => {
    const once = request("once");
    const first = await config.putRouteRule(once);
    await config.putRouteRule(request("once", { priority: 1 }));
    expect(await config.putRouteRule(once)).toEqual(first);
    expect((await all()).find(({ id }) => id === "once")?.version).toBe(2n);
  });

  it.each<[string, Partial<PutRouteRuleRequest>]>([
    ["rule_id", { ruleId: "Two Words" }],
    ["conditions[0].field", { conditions: [condition("colour", "red")] }],
    ["conditions[1].values[0]", { conditions: [condition("model", "a"), condition("model", "(")] }],
    ["conditions[0].operator", { conditions: [{ field: "model", operator: 77 as RouteOperator, values: ["x"] }] }],
    ["targets", { fallbacks: [] }],
    ["deny", { deny: "No." }],
  ])("are refused for their %s", async (field, fields) => {
    const failure = await failureOf(config.putRouteRule(request("wrong", fields)));
    expect(isFailure(failure, "INVALID_ARGUMENT") && [failure.metadata["field"], failure.hint.length > 0]).toEqual([field, true]);
  });

  it("with an experiment have the accounts that pay", async () => {
    const root = rig.as(ROOT_KEY).directory;
    const { organisation } = await root.createOrganisation({ ...CreateOrganisationRequest.create(), requestId: newRequest(), name: "Acme", timeZone: "Europe/Zurich" });
    const organisationId = organisation?.id ?? "";
    const { node: team } = await root.createTeam({ ...CreateTeamRequest.create(), requestId: newRequest(), organisationId, parentId: organisationId, name: "Research" });
    const { key } = await root.createKey({ ...CreateKeyRequest.create(), requestId: newRequest(), organisationId, parentId: team?.id ?? "", name: "trial" });
    const paying = (account: string) => request("trial", { fallbacks: [], experiment: RouteExperiment.create({ name: "trial", arms: [ExperimentArm.create({ name: "all" })], account, accountPath: { organisationId: "org_of_nobody", timeZone: "", accounts: [] } }) });
    const pathOf = async (account: string) => (await config.putRouteRule(paying(account))).rule?.experiment?.accountPath;
    expect(await pathOf(team?.id ?? "")).toEqual(team?.path);
    expect(await pathOf(key?.id ?? "")).toEqual(key?.path);
    expect((await pathOf(organisationId))?.accounts.map(({ id }) => id)).toEqual([organisationId]);
    expect(await pathOf("")).toBeUndefined();
    expect((await all()).find(({ id }) => id === "trial")?.experiment).toMatchObject({ name: "trial", account: "", accountPath: undefined });
    await root.revokeKey({ requestId: newRequest(), keyId: key?.id ?? "" });
    for (const account of ["team_of_nobody", key?.id ?? ""]) {
      expect(await failureOf(config.putRouteRule(paying(account)))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "experiment.account" } });
    }
  });

  it("with a shadow have the accounts that pay, and are refused where there are none", async () => {
    const { organisation } = await rig.as(ROOT_KEY).directory.createOrganisation({ ...CreateOrganisationRequest.create(), requestId: newRequest(), name: "Shadows" });
    const account = organisation?.id ?? "";
    const copied = (to: string) => request("copied", { fallbacks: [], shadow: RouteShadow.create({ experiment: "trial", arm: "copy", model: "gpt-4o", account: to }) });
    expect((await config.putRouteRule(copied(account))).rule?.shadow?.accountPath?.accounts.map(({ id }) => id)).toEqual([account]);
    expect(await failureOf(config.putRouteRule(copied("org_of_nobody")))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "shadow.account" } });
    expect(await failureOf(config.putRouteRule(copied("")))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "shadow.account" } });
  });

  it("reach the gateways as they change, and the audit", async () => {
    const seen: string[] = [];
    const steps = [() => config.putRouteRule(request("passing")), () => config.deleteRouteRule({ requestId: newRequest(), ruleId: "passing" })];
    let isLive = false;
    for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
      if (isLive && event?.$case === "routeRule") seen.push(`${event.value.id} ${event.value.version}`);
      if (isLive && event?.$case === "removedRouteRuleId") seen.push(`no ${event.value}`);
      if (event?.$case !== "synced") continue;
      isLive = true;
      if (seen.length === 2) break;
      if (seen.length + steps.length === 2) await steps.shift()?.();
    }
    expect(seen).toEqual(["passing 1", "no passing"]);
    const told = (): unknown[] => rig.events.map(({ bytes }) => Event.decode(bytes).payload);
    await expect.poll(told).toContainEqual({ $case: "routeRuleDeleted", value: { id: "passing" } });
    expect(told()).toContainEqual(expect.objectContaining({ $case: "routeRulePut" }));
  });
});
