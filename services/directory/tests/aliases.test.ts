import { ConfigSource, Event } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, SERVICE_TOKEN, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

describe("aliases", () => {
  let rig: DirectoryRig;
  let config: Caller["config"];

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    config = rig.as(ROOT_KEY).config;
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  const put = (alias: string, model: string, requestId = newRequest()) => config.putAlias({ requestId, alias, model });
  const all = async (): Promise<string[]> =>
    (await config.listAliases({ pageSize: 0, pageToken: "" })).aliases.map(({ alias, model }) => `${alias} -> ${model}`);

  it("are put, replaced, listed by name in pages, and deleted", async () => {
    const { alias } = await put("fast", "gpt-4o-mini");
    expect(alias).toMatchObject({ alias: "fast", model: "gpt-4o-mini", source: ConfigSource.CONFIG_SOURCE_API });
    await put("fast", "gpt-4.1-nano");
    await put("a/best", "openai/gpt-4o");
    expect(await all()).toEqual(["a/best -> openai/gpt-4o", "fast -> gpt-4.1-nano"]);
    const { aliases, nextPageToken } = await config.listAliases({ pageSize: 1, pageToken: "" });
    const { aliases: rest } = await config.listAliases({ pageSize: 1, pageToken: nextPageToken });
    expect([...aliases, ...rest].map((each) => each.alias)).toEqual(["a/best", "fast"]);
    const remove = { requestId: newRequest(), alias: "a/best" };
    await config.deleteAlias(remove);
    expect(await config.deleteAlias(remove)).toEqual({});
    expect(isFailure(await failureOf(config.deleteAlias({ ...remove, requestId: newRequest() })), "NOT_FOUND")).toBe(true);
    expect(await all()).toEqual(["fast -> gpt-4.1-nano"]);
  });

  it("may name what is an alias, too, in any order: to them it is the model of that name", async () => {
    await put("cheap", "shadowed");
    await put("shadowed", "openai/gpt-4o");
    await put("dear", "shadowed");
    expect(await all()).toEqual(expect.arrayContaining(["cheap -> shadowed", "dear -> shadowed", "shadowed -> openai/gpt-4o"]));
  });

  it("are put once per request id", async () => {
    const requestId = newRequest();
    const first = await put("once", "gpt-4o", requestId);
    await put("once", "gpt-4.1");
    expect(await put("once", "gpt-4o", requestId)).toEqual(first);
    expect(await all()).toContain("once -> gpt-4.1");
    expect(isFailure(await failureOf(put("once", "gpt-5", requestId)), "REQUEST_ID_REUSED")).toBe(true);
  });

  it.each<[string, string, string]>([
    ["alias", "", "gpt-4o"],
    ["alias", "two words", "gpt-4o"],
    ["alias", "schön", "gpt-4o"],
    ["model", "fast", "gpt-ü"],
    ["alias", "x".repeat(257), "gpt-4o"],
    ["model", "fast", ""],
    ["model", "fast", "gpt-*"],
    ["model", "fast", "fast"],
  ])("are refused for their %s: %j for %j", async (field, alias, model) => {
    const failure = await failureOf(put(alias, model));
    expect(isFailure(failure, "INVALID_ARGUMENT") && [failure.metadata["field"], failure.hint.length > 0]).toEqual([field, true]);
  });

  it("reach the gateways as they change, and the audit", async () => {
    const seen: string[] = [];
    const steps = [() => put("passing", "gpt-4o"), () => config.deleteAlias({ requestId: newRequest(), alias: "passing" })];
    let isLive = false;
    for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
      if (isLive && event?.$case === "alias") seen.push(`${event.value.alias} -> ${event.value.model}`);
      if (isLive && event?.$case === "removedAlias") seen.push(`no ${event.value}`);
      if (event?.$case !== "synced") continue;
      isLive = true;
      if (seen.length === 2) break;
      if (seen.length + steps.length === 2) await steps.shift()?.();
    }
    expect(seen).toEqual(["passing -> gpt-4o", "no passing"]);
    const told = (): unknown[] => rig.events.map(({ bytes }) => Event.decode(bytes).payload);
    await expect.poll(told).toContainEqual({ $case: "aliasDeleted", value: { id: "passing" } });
    expect(told()).toContainEqual(expect.objectContaining({ $case: "aliasPut" }));
  });
});
