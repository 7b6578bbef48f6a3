import { AccountKind, Event, Role } from "@alfred/contracts";
import type { AllowedModelsChanged, CreateKeyRequest, Key, Node, WatchKeysResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, SERVICE_TOKEN, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

/** A tenant with a list at each level. */
interface Tenant {
  readonly admin: Caller;
  readonly organisationId: string;
  readonly team: Node | undefined;
  readonly key: Key | undefined;
}

describe("allowed models", () => {
  let rig: DirectoryRig;
  let root: Caller;
  let tenant: Tenant;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    root = rig.as(ROOT_KEY);
    tenant = await makeTenant();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  async function makeTenant(): Promise<Tenant> {
    const made = { requestId: newRequest(), name: "Acme", timeZone: "", limits: [], allowedModels: ["gpt-*", "o3"] };
    const organisationId = (await root.directory.createOrganisation(made)).organisation?.id ?? "";
    const under = { organisationId, parentId: "", name: "x", limits: [], allowedModels: [] };
    const key: CreateKeyRequest = { ...under, requestId: newRequest(), role: Role.ROLE_ADMIN, expireTime: undefined };
    const admin = rig.as((await root.directory.createKey(key)).secret);
    const { node: team } = await admin.directory.createTeam({ ...under, requestId: newRequest(), allowedModels: ["o3"] });
    const user = { ...key, requestId: newRequest(), parentId: team?.id ?? "", role: Role.ROLE_USER };
    return { admin, organisationId, team, key: (await admin.directory.createKey(user)).key };
  }

  const setNode = (caller: Caller, nodeId: string, allowedModels: string[], requestId = newRequest()) =>
    caller.directory.setNodeAllowedModels({ requestId, nodeId, allowedModels });
  const setKey = (caller: Caller, keyId: string, allowedModels: string[]) =>
    caller.directory.setKeyAllowedModels({ requestId: newRequest(), keyId, allowedModels });
  const modelsOf = async (nodeId: string) => (await root.directory.getNode({ nodeId })).node?.allowedModels;

  it("stand where they were said when a node was made", async () => {
    expect(await modelsOf(tenant.organisationId)).toEqual(["gpt-*", "o3"]);
    expect(tenant.team?.allowedModels).toEqual(["o3"]);
    const request = { organisationId: "", name: "x", limits: [], allowedModels: ["a", "a", "b*"] };
    const { directory } = tenant.admin;
    const made = await Promise.all([
      directory.createDepartment({ ...request, requestId: newRequest(), parentId: "" }),
      directory.createUser({ ...request, requestId: newRequest(), parentId: tenant.team?.id ?? "" }),
      directory.createServiceAccount({ ...request, requestId: newRequest(), parentId: "" }),
    ]);
    for (const { node } of made) expect(node?.allowedModels).toEqual(["a", "b*"]);
  });

  it("are replaced, once per request", async () => {
    const { admin, team, key } = await makeTenant();
    const requestId = newRequest();
    const first = await setNode(admin, team?.id ?? "", ["gpt-4o"], requestId);
    expect(first.node).toEqual({ ...team, allowedModels: ["gpt-4o"] });
    await setNode(admin, team?.id ?? "", []);
    expect(await setNode(admin, team?.id ?? "", ["gpt-4o"], requestId)).toEqual(first);
    expect(await modelsOf(team?.id ?? "")).toEqual([]);
    const changed = await setKey(admin, key?.id ?? "", ["o3"]);
    expect(changed.key).toEqual({ ...key, allowedModels: ["o3"] });
    expect((await admin.directory.getKey({ keyId: key?.id ?? "" })).key).toEqual(changed.key);
  });

  it("of an organisation are root's to set", async () => {
    const { admin, organisationId } = await makeTenant();
    expect(isFailure(await failureOf(setNode(admin, organisationId, [])), "ROLE_INSUFFICIENT")).toBe(true);
    expect(await modelsOf(organisationId)).toEqual(["gpt-*", "o3"]);
    expect((await setNode(root, organisationId, [])).node?.kind).toBe(AccountKind.ACCOUNT_KIND_ORGANISATION);
    expect(await modelsOf(organisationId)).toEqual([]);
  });

  it("of what is not there, or of a key said to be a node, are NOT_FOUND", async () => {
    const calls = [setNode(root, "team_missing", []), setKey(root, "key_missing", []), setNode(root, tenant.key?.id ?? "", [])];
    for (const failure of await Promise.all(calls.map(failureOf))) expect(isFailure(failure, "NOT_FOUND")).toBe(true);
  });

  it.each<[string, string[]]>([
    ["allowed_models[0]", ["gpt*4"]],
    ["allowed_models[1]", ["gpt-4o", ""]],
    ["allowed_models[0]", ["two words"]],
    ["allowed_models[0]", ["ü"]],
    ["allowed_models[0]", ["x".repeat(257)]],
    ["allowed_models", Array.from({ length: 101 }, (_, index) => `model-${index}`)],
  ])("are refused for %s", async (field, allowedModels) => {
    const id = tenant.team?.id ?? "";
    const calls = [setNode(root, id, allowedModels), setKey(root, tenant.key?.id ?? "", allowedModels)];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
    }
  });

  it("reach watches as the one object that changed, and audit with what was before", async () => {
    const { admin, organisationId, key } = await makeTenant();
    const before = await eventsAfter(rig, 0n);
    await setNode(root, organisationId, ["o3"]);
    await setNode(root, organisationId, ["o3"]);
    await setKey(admin, key?.id ?? "", ["o3"]);
    const { events } = await eventsAfter(rig, before.revision);
    expect(events).toMatchObject([
      { $case: "node", value: { id: organisationId, allowedModels: ["o3"] } },
      { $case: "key", value: { key: { id: key?.id, allowedModels: ["o3"] } } },
    ]);
    await expect.poll(() => changesOf(rig, organisationId)).toEqual([
      { id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, before: ["gpt-*", "o3"], after: ["o3"] },
      { id: key?.id, kind: AccountKind.ACCOUNT_KIND_KEY, before: [], after: ["o3"] },
    ]);
  });
});

type KeyEvent = NonNullable<WatchKeysResponse["event"]>;

/** What a watch is told after a revision, until it knows all. */
async function eventsAfter(rig: DirectoryRig, revision: bigint): Promise<{ events: KeyEvent[]; revision: bigint }> {
  const events: KeyEvent[] = [];
  for await (const { event } of rig.as(SERVICE_TOKEN).directory.watchKeys({ revision })) {
    if (event?.$case === "synced") return { events, revision: event.value.revision };
    if (event !== undefined) events.push(event);
  }
  throw new Error("The watch ended before it was synced.");
}

/** The changes of lists that audit was told of. */
function changesOf(rig: DirectoryRig, organisationId: string): AllowedModelsChanged[] {
  return rig.events
    .filter((event) => event.organisationId === organisationId)
    .map(({ bytes }) => Event.decode(bytes).payload)
    .flatMap((payload) => (payload?.$case === "allowedModelsChanged" ? [payload.value] : []));
}
