import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ConfigSource, Event, PutProviderRequest, PutRouteRuleRequest, RouteRuleSource } from "@alfred/contracts";
import type { Provider } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ConfigFileError } from "../src/index.ts";
import type { DirectoryConfig } from "../src/index.ts";
import { configuration, emptyDatabase, failureOf, newRequest, ROOT_KEY, SERVICE_TOKEN, simulatorAt, sql, startDirectory } from "./directory-rig.ts";
import type { DirectoryRig } from "./directory-rig.ts";

const base = configuration();
const SECRET = "sk-in-the-file-0123456789";
const SOURCES: ReadonlyMap<ConfigSource, string> = new Map([
  [ConfigSource.CONFIG_SOURCE_API, "api"],
  [ConfigSource.CONFIG_SOURCE_FILE, "file"],
  [ConfigSource.CONFIG_SOURCE_ENVIRONMENT, "environment"],
]);
const ALL = { pageSize: 0, pageToken: "" };
const FILE = `
providers:
  groq: { secret: ${SECRET}, region: eu }
  mistral: {}
deployments:
  fast: { model: fast-llama, provider: groq, upstream_model: llama-3.1-8b-instant }
aliases:
  default: fast-llama
`;

/** Waits for what a change of the file leads to. */
function eventually<Value>(get: () => Value) {
  return expect.poll(get, { timeout: 15_000 });
}

describe("the configuration file", () => {
  let cleanup: AsyncDisposableStack;
  let databaseUrl: string;
  let folder: string;
  let rig: DirectoryRig;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    databaseUrl = await emptyDatabase();
    folder = await mkdtemp(join(tmpdir(), "alfred-config-"));
    cleanup.defer(() => rm(folder, { recursive: true }));
  });
  afterEach(() => cleanup.disposeAsync());

  const path = (): string => join(folder, "config.yaml");
  const write = (text: string): Promise<void> => writeFile(path(), text);
  const start = async (text: string, changes: Partial<DirectoryConfig> = {}): Promise<DirectoryRig> => {
    await write(text);
    rig = cleanup.use(await startDirectory(databaseUrl, { ...base, file: { path: path(), variable: () => undefined }, ...changes }));
    return rig;
  };
  const config = () => rig.as(ROOT_KEY).config;
  const providers = async (): Promise<Provider[]> => (await config().listProviders(ALL)).providers;
  /** Everything by name and source: "provider groq file". */
  const objects = async (): Promise<string[]> => {
    const [given, { deployments }, { aliases }] = await Promise.all([providers(), config().listDeployments(ALL), config().listAliases(ALL)]);
    const source = (from: ConfigSource): string => SOURCES.get(from) ?? "nobody";
    return [
      ...given.map((each) => `provider ${each.id} ${source(each.source)}`),
      ...deployments.map((each) => `deployment ${each.id} ${source(each.source)}`),
      ...aliases.map((each) => `alias ${each.alias} ${source(each.source)}`),
    ];
  };
  const whole = ["provider groq file", "provider mistral file", "deployment fast file", "alias default file"];
  const logged = (text: string): boolean => rig.logged.some((line) => line.includes(text));
  const putGroq = () => config().putProvider(PutProviderRequest.create({ requestId: newRequest(), providerId: "groq", kind: 1, baseUrl: "https://mine.example/v1", secret: "" }));

  it("gives providers, deployments and aliases at the start, secrets to the gateways alone", async () => {
    await start(FILE);
    expect(await objects()).toEqual(whole);
    expect((await providers())[0]).toMatchObject({ id: "groq", baseUrl: "https://api.groq.com/openai/v1", priceBook: "groq", hasSecret: true, region: "eu" });
    const seen: unknown[] = [];
    for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision: 0n })) {
      if (event?.$case === "synced") break;
      if (event?.$case === "provider") seen.push(event.value.secret);
      if (event?.$case === "alias") seen.push(event.value.model);
    }
    expect(seen).toEqual([SECRET, "", "fast-llama"]);
  });

  it("is followed while the directory runs: what is new, changed and gone", async () => {
    await start(FILE);
    await write("providers: { groq: { secret: sk-new, region: us }, cohere: {} }\naliases: { default: groq/other, small: command-r7b }\n");
    await eventually(objects).toEqual(["provider cohere file", "provider groq file", "alias default file", "alias small file"]);
    expect((await providers())[1]).toMatchObject({ region: "us" });
    await write("{}");
    await eventually(objects).toEqual([]);
  });

  it("leaves what was read last where it cannot be used, and says so by line, column and number", async () => {
    await start(FILE);
    await write(`providers: { groq: { secret: "${SECRET} x" } }\ndeployments: { d: { model: m } }\nmore: 1\n`);
    await eventually(() => logged("the configuration file cannot be used")).toBe(true);
    expect(rig.logged.find((line) => line.includes("1:30 providers.groq.secret"))).toContain("3:1 not known here");
    expect(await objects()).toEqual(whole);
    await write("deployments: { d: { model: m, provider: nobody } }");
    await eventually(() => logged("1:41 deployments.d.provider: expected the id of a provider")).toBe(true);
    expect(await objects()).toEqual(whole);
    expect(await rig.registry.metrics()).toMatch(/config_file_changes_total\{outcome="refused"\} 2[^]*config_file_valid 0/);
    await write("aliases: { a: b }");
    await eventually(objects).toEqual(["alias a file"]);
    expect(await rig.registry.metrics()).toMatch(/config_file_changes_total\{outcome="applied"\} 1[^]*config_file_valid 1/);
  });

  it("refuses the start where it is not there or cannot be used", async () => {
    expect(await failureOf(start("providers: []"))).toBeInstanceOf(ConfigFileError);
    expect(await failureOf(start("deployments: { d: { model: m, provider: p } }"))).toBeInstanceOf(ConfigFileError);
    const nowhere = { path: join(folder, "nowhere"), variable: () => undefined };
    expect(String(await failureOf(start("", { file: nowhere })))).toMatch(/nowhere cannot be used\n {2}1:1 cannot be read \(ENOENT\)/);
  });

  it("is beaten by calls, object by object, and applies again where a call removes what calls have put", async () => {
    await start(FILE);
    await putGroq();
    await config().putDeployment({ requestId: newRequest(), deploymentId: "fast", model: "fast-llama", providerId: "groq", upstreamModel: "other" });
    await config().putAlias({ requestId: newRequest(), alias: "default", model: "gpt-4o" });
    const own = whole.map((each) => each.replace(/(groq|fast|default) file/, "$1 api"));
    expect(await objects()).toEqual(own);
    await write("aliases: { more: fast-llama }");
    await eventually(objects).toEqual([...own.filter((each) => !each.includes("mistral")), "alias more file"]);
    await write(`${FILE}  more: fast-llama\n`);
    await eventually(() => logged("the provider groq was configured by calls")).toBe(true);
    await config().deleteDeployment({ requestId: newRequest(), deploymentId: "fast" });
    await config().deleteProvider({ requestId: newRequest(), providerId: "groq" });
    await config().deleteAlias({ requestId: newRequest(), alias: "default" });
    expect(await objects()).toEqual([...whole, "alias more file"]);
    expect((await providers())[0]).toMatchObject({ baseUrl: "https://api.groq.com/openai/v1", region: "eu", hasSecret: true });
  });

  it("names itself to a call that would delete what it gives", async () => {
    await start(FILE);
    const attempts = [
      config().deleteProvider({ requestId: newRequest(), providerId: "groq" }),
      config().deleteDeployment({ requestId: newRequest(), deploymentId: "fast" }),
      config().deleteAlias({ requestId: newRequest(), alias: "default" }),
    ];
    for (const failure of await Promise.all(attempts.map(failureOf))) {
      expect(isFailure(failure, "FAILED_PRECONDITION") && failure.message).toContain(path());
    }
    expect(await objects()).toEqual(whole);
  });

  it("does not take a provider from deployments that calls have put", async () => {
    await start(FILE);
    await config().putDeployment({ requestId: newRequest(), deploymentId: "mine", model: "m", providerId: "mistral", upstreamModel: "" });
    await write("{}");
    await eventually(() => logged("the provider mistral is given no longer and stays")).toBe(true);
    expect(await objects()).toEqual(["provider mistral file", "deployment mine api"]);
    await config().deleteDeployment({ requestId: newRequest(), deploymentId: "mine" });
    await config().deleteProvider({ requestId: newRequest(), providerId: "mistral" });
    expect(await objects()).toEqual([]);
  });

  it("beats the environment, which applies again where the file gives no provider for its models", async () => {
    const upstreams = [{ ...simulatorAt(1), id: "groq", priceBook: "groq", isStandIn: false }, { ...simulatorAt(1), id: "openai", isStandIn: false }];
    await start(FILE, { upstreams });
    expect(await objects()).toEqual([...whole.slice(0, 2), "provider openai environment", ...whole.slice(2)]);
    await write("providers: { our-openai: { kind: openai } }");
    await eventually(objects).toEqual(["provider groq environment", "provider our-openai file"]);
    await write("{}");
    await eventually(objects).toEqual(["provider groq environment", "provider openai environment"]);
  });

  it("puts the simulator aside as any other provider does, and its objects go with its variable", async () => {
    await start("aliases: { a: b }", { upstreams: [simulatorAt(1)] });
    expect(await objects()).toEqual(["provider simulator environment", "alias a file"]);
    await write(FILE);
    await eventually(objects).toEqual(whole);
    await rig[Symbol.asyncDispose]();
    rig = cleanup.use(await startDirectory(databaseUrl, { ...base, upstreams: [simulatorAt(1)] }));
    expect(await objects()).toEqual(["provider simulator environment"]);
  });

  it("may be followed by several directories, which agree and write each change once", async () => {
    await start(FILE);
    const first = rig;
    await start(FILE);
    await write(FILE.replace("eu", "us"));
    await eventually(async () => (await providers())[0]?.region).toBe("us");
    const applied = "the configuration file was applied";
    await eventually(() => [first, rig].map(({ logged: lines }) => lines.some((line) => line.includes(applied)))).toEqual([true, true]);
    const [row] = await sql(databaseUrl, "SELECT count(*)::int AS count FROM outbox WHERE type = 'provider_put'");
    expect(row).toEqual({ count: 3 });
  });

  it("writes a secret nowhere in clear, and tells the audit of every change", async () => {
    await start(FILE);
    await eventually(() => rig.events.map(({ bytes }) => Event.decode(bytes).payload?.$case)).toEqual(expect.arrayContaining(["providerPut", "deploymentPut", "aliasPut"]));
    for (const table of ["providers", "outbox", "changes"]) {
      const rows = await sql(databaseUrl, `SELECT ${table}::text AS row FROM ${table}`);
      expect(rows.filter(({ row }) => String(row).includes(SECRET) || String(row).includes(Buffer.from(SECRET).toString("hex")))).toEqual([]);
    }
    expect(rig.events.some(({ bytes }) => Buffer.from(bytes).includes(SECRET))).toBe(false);
    expect(logged(SECRET)).toBe(false);
  });

  const RULES = `
route_rules:
  drafts: { conditions: [{ field: model, operator: equals, values: [draft] }], targets: [{ model: fast-llama }] }
  closed: { deny: "Not today." }
`;
  const rules = async () => (await config().listRouteRules(ALL)).rules.map(({ id, source, version, deny }) => [id, source === RouteRuleSource.ROUTE_RULE_SOURCE_FILE ? "file" : "api", version, deny]);
  const putClosed = (deny: string) => config().putRouteRule({ ...PutRouteRuleRequest.create({ requestId: newRequest(), ruleId: "closed" }), deny });
  const deleteRule = (ruleId: string) => config().deleteRouteRule({ requestId: newRequest(), ruleId });

  it("gives rules for routes, which calls replace, and which come back when these are deleted", async () => {
    await start(FILE + RULES);
    expect(await rules()).toEqual([["closed", "file", 1n, "Not today."], ["drafts", "file", 1n, ""]]);
    expect(isFailure(await failureOf(deleteRule("closed")), "FAILED_PRECONDITION")).toBe(true);
    await putClosed("Nor tomorrow.");
    expect((await rules())[0]).toEqual(["closed", "api", 2n, "Nor tomorrow."]);
    await write(`${FILE}${RULES.replace("Not today.", "Never.")}  late: { deny: Late. }\n`);
    await eventually(async () => (await rules()).map(([id]) => id)).toEqual(["closed", "drafts", "late"]);
    // What did not change was not written again, and what a call has put stays.
    expect(await rules()).toEqual([["closed", "api", 2n, "Nor tomorrow."], ["drafts", "file", 1n, ""], ["late", "file", 1n, "Late."]]);
    expect(logged("the rule closed was configured by calls")).toBe(true);
    await deleteRule("closed");
    expect((await rules())[0]).toEqual(["closed", "file", 3n, "Never."]);
    await write(FILE);
    await eventually(rules).toEqual([]);
    expect(isFailure(await failureOf(deleteRule("closed")), "NOT_FOUND")).toBe(true);
  });

  it("starts with a rule whose account is not there, and does not use it", async () => {
    await start(`${FILE}${RULES}  paid: { experiment: { name: e, account: org_gone, arms: [{ name: a, targets: [{ model: fast-llama }] }] } }\n`);
    expect((await rules()).map(([id]) => id)).toEqual(["closed", "drafts"]);
    expect(logged("not used until the account")).toBe(true);
  });
});
