import { AccountKind, Period, Role, Unit } from "@alfred/contracts";
import type { Limit } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, newRequest, ROOT_KEY, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

const LIMIT: Limit = { unit: Unit.UNIT_USD, period: Period.PERIOD_MONTH, hard: 5_000_000_000n };

describe("the tree of an organisation", () => {
  let rig: DirectoryRig;
  let root: Caller;
  let organisationId: string;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    root = rig.as(ROOT_KEY);
    const { organisation } = await root.directory.createOrganisation({ requestId: newRequest(), name: "Acme", timeZone: "Europe/Zurich", limits: [LIMIT] });
    organisationId = organisation?.id ?? "";
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const node = (parentId: string, name: string) => ({ requestId: newRequest(), organisationId, parentId, name, limits: [] });

  it("builds the path from the key to the organisation, with limits and time zone", async () => {
    const department = (await root.directory.createDepartment(node("", "Research"))).node;
    const inner = (await root.directory.createDepartment(node(department?.id ?? "", "Vision"))).node;
    const team = (await root.directory.createTeam({ ...node(inner?.id ?? "", "Eyes"), limits: [LIMIT] })).node;
    const user = (await root.directory.createUser(node(team?.id ?? "", "Ada"))).node;
    const { key, secret } = await root.directory.createKey({ ...node(user?.id ?? "", "laptop"), role: Role.ROLE_UNSPECIFIED, allowedModels: ["gpt-4o*"], requestsPerMinute: 60, expireTime: undefined });

    expect(secret).toMatch(/^sk-alfred-[\w-]{43}$/);
    expect(key?.prefix).toBe(secret.slice(0, 14));
    expect(key?.role).toBe(Role.ROLE_USER);
    expect(key?.path).toEqual({
      organisationId,
      timeZone: "Europe/Zurich",
      accounts: [
        { id: key?.id, kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] },
        { id: user?.id, kind: AccountKind.ACCOUNT_KIND_USER, initialLimits: [] },
        { id: team?.id, kind: AccountKind.ACCOUNT_KIND_TEAM, initialLimits: [LIMIT] },
        { id: inner?.id, kind: AccountKind.ACCOUNT_KIND_DEPARTMENT, initialLimits: [] },
        { id: department?.id, kind: AccountKind.ACCOUNT_KIND_DEPARTMENT, initialLimits: [] },
        { id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [LIMIT] },
      ],
    });
  });
});
