import { AccountKind, Period, Role, Unit } from "@alfred/contracts";
import type { CreateKeyRequest, CreateOrganisationRequest, CreateTeamRequest, Limit } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

const LIMIT: Limit = { unit: Unit.UNIT_USD, period: Period.PERIOD_MONTH, hard: 5_000_000_000n, clamp: false };

describe("the tree of an organisation", () => {
  let rig: DirectoryRig;
  let root: Caller;
  let organisationId: string;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    root = rig.as(ROOT_KEY);
    organisationId =
      (await root.directory.createOrganisation(organisation({ limits: [LIMIT] }))).organisation?.id ?? "";
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const organisation = (changes: Partial<CreateOrganisationRequest> = {}): CreateOrganisationRequest => ({
    requestId: newRequest(),
    name: "Acme",
    timeZone: "Europe/Zurich",
    limits: [],
    allowedModels: [],
    ...changes,
  });
  const node = (parentId = "", changes: Partial<CreateTeamRequest> = {}): CreateTeamRequest => ({
    requestId: newRequest(),
    organisationId,
    parentId,
    name: "Eyes",
    limits: [],
    allowedModels: [],
    ...changes,
  });
  const key = (parentId = "", changes: Partial<CreateKeyRequest> = {}): CreateKeyRequest => ({
    ...node(parentId),
    role: Role.ROLE_UNSPECIFIED,
    expireTime: undefined,
    ...changes,
  });
  const fieldOf = async (call: Promise<unknown>): Promise<string | undefined> => {
    const failure = await failureOf(call);
    return isFailure(failure, "INVALID_ARGUMENT") && failure.hint !== "" ? failure.metadata["field"] : undefined;
  };

  it("builds the path from the key to the organisation, with limits and time zone", async () => {
    const department = (await root.directory.createDepartment(node())).node?.id ?? "";
    const inner = (await root.directory.createDepartment(node(department))).node?.id ?? "";
    const team = (await root.directory.createTeam(node(inner, { limits: [LIMIT] }))).node?.id ?? "";
    const user = (await root.directory.createUser(node(team))).node?.id ?? "";
    const made = await root.directory.createKey(key(user, { allowedModels: ["gpt-4o*", "o3"], requestsPerMinute: 60 }));

    expect(made.secret).toMatch(/^sk-alfred-[\w-]{43}$/);
    expect(made.key).toMatchObject({
      prefix: made.secret.slice(0, 14),
      role: Role.ROLE_USER,
      parentId: user,
      allowedModels: ["gpt-4o*", "o3"],
      requestsPerMinute: 60,
    });
    expect(made.key?.path).toEqual({
      organisationId,
      timeZone: "Europe/Zurich",
      accounts: [
        { id: made.key?.id, kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] },
        { id: user, kind: AccountKind.ACCOUNT_KIND_USER, initialLimits: [] },
        { id: team, kind: AccountKind.ACCOUNT_KIND_TEAM, initialLimits: [LIMIT] },
        { id: inner, kind: AccountKind.ACCOUNT_KIND_DEPARTMENT, initialLimits: [] },
        { id: department, kind: AccountKind.ACCOUNT_KIND_DEPARTMENT, initialLimits: [] },
        { id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [LIMIT] },
      ],
    });
    expect((await root.directory.getKey({ keyId: made.key?.id ?? "" })).key).toEqual(made.key);
    expect((await root.directory.getNode({ nodeId: organisationId })).node).toMatchObject({
      kind: AccountKind.ACCOUNT_KIND_ORGANISATION,
      parentId: "",
      name: "Acme",
    });
  });

  it("prefixes ids by kind", async () => {
    const { directory } = root;
    const ids = await Promise.all([
      directory.createDepartment(node()),
      directory.createTeam(node()),
      directory.createUser(node()),
      directory.createServiceAccount(node()),
    ]);
    expect(ids.map(({ node: made }) => made?.id.split("_")[0])).toEqual(["dep", "team", "user", "sa"]);
    expect(organisationId).toMatch(/^org_/);
    expect((await directory.createKey(key())).key?.id).toMatch(/^key_/);
  });

  it("lets levels be left out, and refuses what stands the wrong way round", async () => {
    const { directory } = root;
    const team = (await directory.createTeam(node())).node?.id ?? "";
    const user = (await directory.createUser(node())).node?.id ?? "";
    const program = (await directory.createServiceAccount(node(team))).node?.id ?? "";
    expect((await directory.createKey(key(program))).key?.path?.accounts).toHaveLength(4);

    expect(await fieldOf(directory.createDepartment(node(team)))).toBe("parent_id");
    expect(await fieldOf(directory.createTeam(node(team)))).toBe("parent_id");
    expect(await fieldOf(directory.createTeam(node(user)))).toBe("parent_id");
    expect(await fieldOf(directory.createUser(node(user)))).toBe("parent_id");
    expect(await fieldOf(directory.createServiceAccount(node(program)))).toBe("parent_id");
  });

  it("is eight accounts deep at most, and keeps the last place for a key", async () => {
    let parent = "";
    for (let depth = 2; depth <= 7; depth += 1) {
      parent = (await root.directory.createDepartment(node(parent))).node?.id ?? "";
    }
    expect(await fieldOf(root.directory.createUser(node(parent)))).toBe("parent_id");
    expect((await root.directory.createKey(key(parent))).key?.path?.accounts).toHaveLength(8);
  });

  it.each<[string, Partial<CreateOrganisationRequest>]>([
    ["name", { name: "" }],
    ["name", { name: "  " }],
    ["name", { name: "x".repeat(129) }],
    ["name", { name: "a\u0000b" }],
    ["time_zone", { timeZone: "Mars/Olympus" }],
    ["time_zone", { timeZone: "+01:00" }],
    ["request_id", { requestId: "" }],
    ["request_id", { requestId: "x".repeat(129) }],
    ["limits[0].hard", { limits: [{ ...LIMIT, hard: -1n }] }],
    ["limits[0].soft", { limits: [{ ...LIMIT, soft: -1n }] }],
    ["limits[0].soft", { limits: [{ ...LIMIT, soft: LIMIT.hard + 1n }] }],
    ["limits[0].unit", { limits: [{ ...LIMIT, unit: Unit.UNIT_UNSPECIFIED }] }],
    ["limits[1].period", { limits: [LIMIT, { ...LIMIT, period: Period.PERIOD_UNSPECIFIED }] }],
    ["limits[1]", { limits: [LIMIT, { ...LIMIT, hard: 1n }] }],
  ])("refuses an organisation for its %s: %o", async (field, changes) => {
    expect(await fieldOf(root.directory.createOrganisation(organisation(changes)))).toBe(field);
  });

  it.each<[string, Partial<CreateKeyRequest>]>([
    ["organisation_id", { organisationId: "" }],
    ["role", { role: Role.ROLE_ROOT }],
    ["role", { role: Role.ROLE_SERVICE }],
    ["allowed_models[0]", { allowedModels: ["gpt*4"] }],
    ["allowed_models[1]", { allowedModels: ["gpt-4o", ""] }],
    ["allowed_models", { allowedModels: Array.from({ length: 101 }, (_, index) => `model-${index}`) }],
    ["requests_per_minute", { requestsPerMinute: 0 }],
    ["requests_per_minute", { requestsPerMinute: 1_000_001 }],
    ["expire_time", { expireTime: new Date(0) }],
  ])("refuses a key for its %s: %o", async (field, changes) => {
    expect(await fieldOf(root.directory.createKey(key("", changes)))).toBe(field);
  });

  it("takes 128 characters for a name, whatever their encoding, and all that a limit can be", async () => {
    const limits = [
      { ...LIMIT, hard: 0n, soft: 0n, clamp: true },
      { ...LIMIT, unit: Unit.UNIT_CREDITS, hard: 2n ** 63n - 1n },
    ];
    const { node: made } = await root.directory.createTeam(node("", { name: "🦉".repeat(128), limits }));
    expect(made?.path?.accounts[0]?.initialLimits).toEqual(limits);
  });

  it("says that a parent or an organisation is not there", async () => {
    const missing = [
      node("team_missing"),
      node("", { organisationId: "org_missing" }),
      node(organisationId, { organisationId: "org_missing" }),
    ];
    for (const request of missing) {
      expect(isFailure(await failureOf(root.directory.createTeam(request)), "NOT_FOUND")).toBe(true);
    }
  });

  it("lists by age in pages, by parent and by kind", async () => {
    const owner = (await root.directory.createOrganisation(organisation())).organisation?.id ?? "";
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.push((await root.directory.createTeam(node("", { organisationId: owner }))).node?.id ?? "");
    }
    const users = (await root.directory.createUser(node(made[0], { organisationId: owner }))).node?.id ?? "";
    const keys: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      keys.push((await root.directory.createKey(key(users, { organisationId: owner }))).key?.id ?? "");
    }

    const all = {
      organisationId: owner,
      parentId: "",
      kind: AccountKind.ACCOUNT_KIND_UNSPECIFIED,
      pageSize: 0,
      pageToken: "",
    };
    const listed: string[] = [];
    for (let pageToken = "", isFirst = true; isFirst || pageToken !== ""; isFirst = false) {
      const page = await root.directory.listNodes({ ...all, pageSize: 2, pageToken });
      listed.push(...page.nodes.map(({ id }) => id));
      pageToken = page.nextPageToken;
    }
    expect(listed).toEqual([owner, ...made, users]);
    expect((await root.directory.listNodes({ ...all, parentId: made[0] ?? "" })).nodes.map(({ id }) => id)).toEqual([
      users,
    ]);
    expect(
      (await root.directory.listNodes({ ...all, kind: AccountKind.ACCOUNT_KIND_USER })).nodes.map(({ id }) => id),
    ).toEqual([users]);
    expect((await root.directory.listKeys({ ...all, pageSize: 2 })).keys.map(({ id }) => id)).toEqual(keys.slice(0, 2));
    expect(await fieldOf(root.directory.listKeys({ ...all, pageSize: -1 }))).toBe("page_size");
    expect(await fieldOf(root.directory.listKeys({ ...all, pageToken: "?" }))).toBe("page_token");
  });

  it("revokes once and for good", async () => {
    const { key: made } = await root.directory.createKey(key());
    const keyId = made?.id ?? "";
    const first = await root.directory.revokeKey({ requestId: newRequest(), keyId });
    const second = await root.directory.revokeKey({ requestId: newRequest(), keyId });
    expect(first.key?.revokeTime).toBeInstanceOf(Date);
    expect(second.key).toEqual(first.key);
    expect(
      (await root.directory.listKeys({ organisationId, parentId: "", pageSize: 1_000, pageToken: "" })).keys,
    ).toContainEqual(first.key);
  });
});
