import { AccountKind, PutDeploymentRequest, PutProviderRequest, PutRouteRuleRequest, Role } from "@alfred/contracts";
import type { ConfigServiceService, DirectoryServiceService } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

interface Tenant {
  readonly organisationId: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly admin: Caller;
  readonly user: Caller;
}

/**
 * What becomes of a stranger: the object is not there, the role does not suffice, or the answer holds nothing of it.
 */
type Outcome = "NOT_FOUND" | "ROLE_INSUFFICIENT" | "own only";

describe("another tenant", () => {
  let rig: DirectoryRig;
  let mine: Tenant;
  let theirs: Tenant;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    mine = await makeTenant();
    theirs = await makeTenant();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  async function makeTenant(): Promise<Tenant> {
    const root = rig.as(ROOT_KEY).directory;
    const organisationId =
      (await root.createOrganisation({ requestId: newRequest(), name: "Tenant", timeZone: "", limits: [], allowedModels: [] }))
        .organisation?.id ?? "";
    const node = { organisationId, parentId: "", name: "x", limits: [], allowedModels: [] };
    const team = await root.createTeam({ ...node, requestId: newRequest() });
    const [admin, user] = await Promise.all(
      [Role.ROLE_ADMIN, Role.ROLE_USER].map((role) =>
        root.createKey({ ...node, requestId: newRequest(), role, allowedModels: [], expireTime: undefined }),
      ),
    );
    return {
      organisationId,
      teamId: team.node?.id ?? "",
      keyId: user?.key?.id ?? "",
      admin: rig.as(admin?.secret ?? ""),
      user: rig.as(user?.secret ?? ""),
    };
  }

  /**
   * Every RPC of the directory, called by an administrator with another tenant's ids; whichever way they can be named.
   */
  const strangers: Record<
    keyof typeof DirectoryServiceService,
    [Outcome, (caller: Caller, target: Tenant) => Promise<unknown>[]]
  > = {
    createOrganisation: [
      "ROLE_INSUFFICIENT",
      ({ directory }) => [
        directory.createOrganisation({ requestId: newRequest(), name: "x", timeZone: "", limits: [], allowedModels: [] }),
      ],
    ],
    listOrganisations: ["own only", ({ directory }) => [directory.listOrganisations({ pageSize: 0, pageToken: "" })]],
    createDepartment: [
      "NOT_FOUND",
      ({ directory }, target) => nodes(target, false).map((request) => directory.createDepartment(request)),
    ],
    createTeam: [
      "NOT_FOUND",
      ({ directory }, target) => nodes(target, false).map((request) => directory.createTeam(request)),
    ],
    createUser: ["NOT_FOUND", ({ directory }, target) => nodes(target).map((request) => directory.createUser(request))],
    createServiceAccount: [
      "NOT_FOUND",
      ({ directory }, target) => nodes(target).map((request) => directory.createServiceAccount(request)),
    ],
    createKey: [
      "NOT_FOUND",
      ({ directory }, target) =>
        nodes(target).map((request) =>
          directory.createKey({ ...request, role: Role.ROLE_ADMIN, allowedModels: [], expireTime: undefined }),
        ),
    ],
    getNode: [
      "NOT_FOUND",
      ({ directory }, target) => [target.teamId, target.organisationId].map((nodeId) => directory.getNode({ nodeId })),
    ],
    getKey: ["NOT_FOUND", ({ directory }, target) => [directory.getKey({ keyId: target.keyId })]],
    revokeKey: [
      "NOT_FOUND",
      ({ directory }, target) => [directory.revokeKey({ requestId: newRequest(), keyId: target.keyId })],
    ],
    setNodeAllowedModels: [
      "NOT_FOUND",
      ({ directory }, target) =>
        [target.teamId, target.organisationId].map((nodeId) =>
          directory.setNodeAllowedModels({ requestId: newRequest(), nodeId, allowedModels: [] }),
        ),
    ],
    setKeyAllowedModels: [
      "NOT_FOUND",
      ({ directory }, target) => [
        directory.setKeyAllowedModels({ requestId: newRequest(), keyId: target.keyId, allowedModels: [] }),
      ],
    ],
    listNodes: [
      "NOT_FOUND",
      ({ directory }, target) =>
        nodes(target).map((request) =>
          directory.listNodes({ ...request, kind: AccountKind.ACCOUNT_KIND_UNSPECIFIED, pageSize: 0, pageToken: "" }),
        ),
    ],
    listKeys: [
      "NOT_FOUND",
      ({ directory }, target) =>
        nodes(target).map((request) => directory.listKeys({ ...request, pageSize: 0, pageToken: "" })),
    ],
    watchKeys: ["ROLE_INSUFFICIENT", ({ directory }) => [first(directory.watchKeys({ revision: 0n }))]],
  };

  const installation: Record<keyof typeof ConfigServiceService, (caller: Caller) => Promise<unknown>> = {
    putProvider: ({ config }) =>
      config.putProvider(PutProviderRequest.create({ requestId: newRequest(), providerId: "p", kind: 1, baseUrl: "http://x/v1" })),
    listProviders: ({ config }) => config.listProviders({ pageSize: 0, pageToken: "" }),
    deleteProvider: ({ config }) => config.deleteProvider({ requestId: newRequest(), providerId: "p" }),
    putDeployment: ({ config }) =>
      config.putDeployment(PutDeploymentRequest.create({ requestId: newRequest(), deploymentId: "d", model: "m", providerId: "p" })),
    listDeployments: ({ config }) => config.listDeployments({ pageSize: 0, pageToken: "" }),
    deleteDeployment: ({ config }) => config.deleteDeployment({ requestId: newRequest(), deploymentId: "d" }),
    putAlias: ({ config }) => config.putAlias({ requestId: newRequest(), alias: "a", model: "m" }),
    listAliases: ({ config }) => config.listAliases({ pageSize: 0, pageToken: "" }),
    deleteAlias: ({ config }) => config.deleteAlias({ requestId: newRequest(), alias: "a" }),
    putRouteRule: ({ config }) => config.putRouteRule(PutRouteRuleRequest.create({ requestId: newRequest(), ruleId: "r", fallbacks: ["m"] })),
    listRouteRules: ({ config }) => config.listRouteRules({ pageSize: 0, pageToken: "" }),
    deleteRouteRule: ({ config }) => config.deleteRouteRule({ requestId: newRequest(), ruleId: "r" }),
    watchConfig: ({ config }) => first(config.watchConfig({ revision: 0n })),
  };

  /** The organisation named, its node named as parent under either organisation, and both. */
  function nodes({ organisationId, teamId }: Tenant, underTeam = true) {
    const node = { name: "x", limits: [], allowedModels: [] };
    const parent = underTeam ? teamId : organisationId;
    return [
      { ...node, requestId: newRequest(), organisationId, parentId: "" },
      { ...node, requestId: newRequest(), organisationId: "", parentId: parent },
      { ...node, requestId: newRequest(), organisationId: mine.organisationId, parentId: parent },
      { ...node, requestId: newRequest(), organisationId, parentId: parent },
    ];
  }

  it.each(Object.entries(strangers))("cannot be reached through %s", async (_, [outcome, calls]) => {
    const own = await Promise.all(calls(mine.admin, theirs).map(outcomeOf));
    expect(own.every((found) => found === outcome)).toBe(true);
  });

  it.each(Object.entries(strangers))("and a user may not call %s at all", async (_, [, calls]) => {
    for (const call of calls(mine.user, mine)) expect(await outcomeOf(call)).toBe("ROLE_INSUFFICIENT");
  });

  it.each(Object.entries(installation))("and an administrator may not call %s", async (_, call) => {
    expect(await outcomeOf(call(mine.admin))).toBe("ROLE_INSUFFICIENT");
  });

  it("may not be watched by root either: the hashes are for peers", async () => {
    expect(await outcomeOf(first(rig.as(ROOT_KEY).directory.watchKeys({ revision: 0n })))).toBe("ROLE_INSUFFICIENT");
    expect(await outcomeOf(first(rig.as(ROOT_KEY).config.watchConfig({ revision: 0n })))).toBe("ROLE_INSUFFICIENT");
  });

  it("was not changed by any of that", async () => {
    const root = rig.as(ROOT_KEY).directory;
    const nodesOf = await root.listNodes({
      organisationId: theirs.organisationId,
      parentId: "",
      kind: AccountKind.ACCOUNT_KIND_UNSPECIFIED,
      pageSize: 0,
      pageToken: "",
    });
    const keysOf = await root.listKeys({
      organisationId: theirs.organisationId,
      parentId: "",
      pageSize: 0,
      pageToken: "",
    });
    expect(nodesOf.nodes).toHaveLength(2);
    expect(keysOf.keys).toHaveLength(2);
    expect(keysOf.keys.every(({ revokeTime }) => revokeTime === undefined)).toBe(true);
  });

  it("does not include root's own key: nobody can look at it or revoke it", async () => {
    const service = rig.as(`service-${"s".repeat(32)}`).directory;
    let rootKeyId = "";
    for await (const { event } of service.watchKeys({ revision: 0n })) {
      if (event?.$case === "key" && event.value.key?.role === Role.ROLE_ROOT) rootKeyId = event.value.key.id;
      if (event?.$case === "synced") break;
    }
    expect(rootKeyId).toMatch(/^key_/);
    for (const caller of [mine.admin, rig.as(ROOT_KEY)]) {
      expect(await outcomeOf(caller.directory.getKey({ keyId: rootKeyId }))).toBe("NOT_FOUND");
      expect(await outcomeOf(caller.directory.revokeKey({ requestId: newRequest(), keyId: rootKeyId }))).toBe(
        "NOT_FOUND",
      );
    }
  });

  async function outcomeOf(call: Promise<unknown>): Promise<Outcome | "reached"> {
    const answer = await call.catch((error: unknown) => error);
    if (isFailure(answer, "NOT_FOUND")) return "NOT_FOUND";
    if (isFailure(answer, "ROLE_INSUFFICIENT")) return "ROLE_INSUFFICIENT";
    const text = JSON.stringify(answer);
    return text.includes(mine.organisationId) && !text.includes(theirs.organisationId) ? "own only" : "reached";
  }

  async function first(messages: AsyncIterable<unknown>): Promise<unknown> {
    for await (const message of messages) return message;
    return undefined;
  }

  it("is nobody with a key that is not known", async () => {
    const { directory } = rig.as(`sk-alfred-${"x".repeat(43)}`);
    expect(isFailure(await failureOf(directory.getKey({ keyId: "key_x" })), "KEY_INVALID")).toBe(true);
  });
});
