import { AccountKind, Period, Role, Unit } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { SeedError } from "../src/index.ts";
import type { DirectoryConfig } from "../src/index.ts";
import { configuration, emptyDatabase, failureOf, newRequest, ROOT_KEY, simulatorAt, startDirectory } from "./directory-rig.ts";
import type { DirectoryRig } from "./directory-rig.ts";

const base = configuration();
const KEY_A = `sk-alfred-demo-${"a".repeat(32)}`;
const KEY_B = `sk-alfred-demo-${"b".repeat(32)}`;
const demo = (key: string | undefined, budgetNanos = 10_000_000_000n): Partial<DirectoryConfig> => ({
  demo: { key, budgetNanos },
});

describe("what the environment gives", () => {
  let cleanup: AsyncDisposableStack;
  let databaseUrl: string;
  let rig: DirectoryRig;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    databaseUrl = await emptyDatabase();
  });
  afterEach(() => cleanup.disposeAsync());

  const start = async (changes: Partial<DirectoryConfig> = {}): Promise<DirectoryRig> => {
    await rig?.[Symbol.asyncDispose]();
    rig = cleanup.use(await startDirectory(databaseUrl, { ...base, ...changes }));
    return rig;
  };
  const works = async (key: string): Promise<boolean> =>
    (await failureOf(rig.as(key).directory.listOrganisations({ pageSize: 0, pageToken: "" }))) === undefined;

  describe("the demo", () => {
    it("is an organisation with a budget, and an administrator's key of a user in a team", async () => {
      await start(demo(KEY_A, 2_500_000_000n));
      const admin = rig.as(KEY_A).directory;
      const { organisationId, keyId, userId, teamId } = rig.service.demo ?? {
        organisationId: "",
        keyId: "",
        userId: "",
        teamId: "",
      };
      expect((await admin.listOrganisations({ pageSize: 0, pageToken: "" })).organisations).toMatchObject([
        { id: organisationId, name: "Demo" },
      ]);
      const { key } = await admin.getKey({ keyId: keyId ?? "" });
      expect(key?.role).toBe(Role.ROLE_ADMIN);
      expect(key?.path?.accounts.map(({ id }) => id)).toEqual([keyId, userId, teamId, organisationId]);
      expect(key?.path?.accounts.at(-1)?.initialLimits).toEqual([
        { unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard: 2_500_000_000n, clamp: false },
      ]);
      const team = await admin.createTeam({
        requestId: newRequest(),
        organisationId: "",
        parentId: "",
        name: "mine",
        limits: [],
        allowedModels: [],
      });
      expect(team.node?.organisationId).toBe(organisationId);
    });

    it("stays the same from start to start, and is made once by two that start together", async () => {
      const both = await Promise.all(
        [0, 1].map(async () => cleanup.use(await startDirectory(databaseUrl, { ...base, ...demo(KEY_A) }))),
      );
      const first = both[0]?.service.demo;
      expect(both[1]?.service.demo).toEqual(first);
      await start(demo(KEY_A));
      expect(rig.service.demo).toEqual(first);
      expect(await works(KEY_A)).toBe(true);
    });

    it("follows its variable: the new key works, the old one does not, and back", async () => {
      await start(demo(KEY_A));
      const { organisationId } = rig.service.demo ?? {};
      await start(demo(KEY_B));
      expect([await works(KEY_A), await works(KEY_B)]).toEqual([false, true]);
      expect(rig.service.demo?.organisationId).toBe(organisationId);
      await start(demo(KEY_A));
      expect([await works(KEY_A), await works(KEY_B)]).toEqual([true, false]);
      await start(demo(undefined));
      expect([await works(KEY_A), await works(KEY_B)]).toEqual([false, false]);
    });

    it("does not bring back a key that a call revoked", async () => {
      await start(demo(KEY_A));
      await rig.as(ROOT_KEY).directory.revokeKey({ requestId: newRequest(), keyId: rig.service.demo?.keyId ?? "" });
      await start(demo(KEY_A));
      expect(await works(KEY_A)).toBe(false);
      expect(rig.service.demo).toMatchObject({ keyId: undefined });
      expect(rig.logged.some((line) => line.includes("ALFRED_DEMO_KEY was revoked"))).toBe(true);
    });

    it("is not made where it is not wanted", async () => {
      await start();
      expect(rig.service.demo).toBeUndefined();
      expect(
        (await rig.as(ROOT_KEY).directory.listOrganisations({ pageSize: 0, pageToken: "" })).organisations,
      ).toEqual([]);
    });

    it("does not take another key's secret for its own", async () => {
      await start(demo(KEY_A));
      const { organisationId = "" } = rig.service.demo ?? {};
      const request = {
        requestId: newRequest(),
        organisationId,
        parentId: "",
        name: "x",
        role: Role.ROLE_USER,
        limits: [],
        allowedModels: [],
        expireTime: undefined,
      };
      const { secret } = await rig.as(ROOT_KEY).directory.createKey(request);
      expect(await failureOf(startDirectory(databaseUrl, { ...base, ...demo(secret) }))).toBeInstanceOf(SeedError);
      expect(await failureOf(startDirectory(databaseUrl, { ...base, ...demo(ROOT_KEY) }))).toBeInstanceOf(SeedError);
    });
  });

  describe("root's key", () => {
    it("follows its variable, and ends where it is not set", async () => {
      await start();
      const other = `sk-alfred-root-${"o".repeat(32)}`;
      await start({ rootKey: other });
      expect([await works(ROOT_KEY), await works(other)]).toEqual([false, true]);
      expect(isFailure(await failureOf(rig.as(ROOT_KEY).directory.getKey({ keyId: "x" })), "KEY_REVOKED")).toBe(true);
      await start({ rootKey: undefined });
      expect([await works(ROOT_KEY), await works(other)]).toEqual([false, false]);
    });
  });

  it("is told of in the audit trail like every other change", async () => {
    await start({ ...demo(KEY_A), upstreams: [simulatorAt(1)] });
    await expect.poll(() => rig.events.length).toBe(6);
    expect(
      rig.events.map(({ organisationId, type }) => [organisationId === "installation" ? organisationId : "demo", type]),
    ).toEqual([
      ["installation", "key_created"],
      ["demo", "organisation_created"],
      ["demo", "node_created"],
      ["demo", "node_created"],
      ["demo", "key_created"],
      ["installation", "provider_put"],
    ]);
    expect(
      (
        await rig.as(KEY_A).directory.listNodes({
          organisationId: "",
          parentId: "",
          kind: AccountKind.ACCOUNT_KIND_TEAM,
          pageSize: 0,
          pageToken: "",
        })
      ).nodes,
    ).toHaveLength(1);
  });
});
