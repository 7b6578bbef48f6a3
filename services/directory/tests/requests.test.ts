import { Event, Role } from "@alfred/contracts";
import type { CreateKeyRequest } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, sql, startDirectory } from "./directory-rig.ts";
import type { Caller, DirectoryRig } from "./directory-rig.ts";

describe("a mutation", () => {
  let rig: DirectoryRig;
  let root: Caller;

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
    root = rig.as(ROOT_KEY);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const organisation = async (): Promise<string> =>
    (await root.directory.createOrganisation({ requestId: newRequest(), name: "Acme", timeZone: "", limits: [], allowedModels: [] }))
      .organisation?.id ?? "";
  const key = (organisationId: string): CreateKeyRequest => ({
    requestId: newRequest(),
    organisationId,
    parentId: "",
    name: "key",
    role: Role.ROLE_ADMIN,
    limits: [],
    allowedModels: [],
    expireTime: undefined,
  });

  it("is done once, however often it is sent at a time", async () => {
    const request = { requestId: newRequest(), name: "Once", timeZone: "", limits: [], allowedModels: [] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => root.directory.createOrganisation(request)));
    expect(new Set(answers.map(({ organisation: made }) => made?.id)).size).toBe(1);
    const { organisations } = await root.directory.listOrganisations({ pageSize: 0, pageToken: "" });
    expect(organisations.filter(({ name }) => name === "Once")).toHaveLength(1);
  });

  it("shows a key's secret once, and keeps it nowhere", async () => {
    const request = key(await organisation());
    const first = await root.directory.createKey(request);
    const replay = await root.directory.createKey(request);
    expect(replay).toEqual({ key: first.key, secret: "" });

    for (const table of ["keys", "requests", "outbox"]) {
      const rows = await sql(rig.databaseUrl, `SELECT ${table}::text AS row FROM ${table}`);
      const secrets = [first.secret, Buffer.from(first.secret).toString("hex")];
      expect(rows.filter(({ row }) => secrets.some((secret) => String(row).includes(secret)))).toEqual([]);
    }
    expect(rig.logged.some((line) => line.includes(first.secret))).toBe(false);
  });

  it("is refused under an id that meant something else", async () => {
    const request = key(await organisation());
    await root.directory.createKey(request);
    expect(
      isFailure(await failureOf(root.directory.createKey({ ...request, name: "other" })), "REQUEST_ID_REUSED"),
    ).toBe(true);
  });

  it("has its ids for each tenant and each RPC apart", async () => {
    const requestId = newRequest();
    const admins = await Promise.all(
      [organisation(), organisation()].map(async (id) =>
        rig.as((await root.directory.createKey(key(await id))).secret),
      ),
    );
    const node = { requestId, organisationId: "", parentId: "", name: "same", limits: [], allowedModels: [] };
    const made = await Promise.all(
      admins.flatMap((admin) => [admin.directory.createTeam(node), admin.directory.createUser(node)]),
    );
    expect(new Set(made.map((answer) => answer.node?.id)).size).toBe(4);
  });

  it("may be sent again after it failed: nothing was kept", async () => {
    const organisationId = await organisation();
    const request = { requestId: newRequest(), organisationId, parentId: "team_missing", name: "x", limits: [], allowedModels: [] };
    expect(isFailure(await failureOf(root.directory.createTeam(request)), "NOT_FOUND")).toBe(true);
    expect((await root.directory.createTeam({ ...request, parentId: "" })).node?.name).toBe("x");
  });

  it("tells of itself in the outbox, in an order without gaps, naming who did it", async () => {
    const organisationId = await organisation();
    const made = await root.directory.createKey(key(organisationId));
    const admin = rig.as(made.secret);
    await admin.directory.createTeam({ requestId: "team-1", organisationId: "", parentId: "", name: "x", limits: [], allowedModels: [] });
    await admin.directory.revokeKey({ requestId: "end-1", keyId: made.key?.id ?? "" });
    await expect.poll(() => rig.events.filter((event) => event.organisationId === organisationId).length).toBe(4);

    const envelopes = rig.events.filter((event) => event.organisationId === organisationId);
    const events = envelopes.map(({ bytes }) => Event.decode(bytes));
    expect(envelopes.map(({ type }) => type)).toEqual([
      "organisation_created",
      "key_created",
      "node_created",
      "key_revoked",
    ]);
    expect(events.map(({ sourceSeq }) => sourceSeq)).toEqual([1n, 2n, 3n, 4n]);
    expect(events.map(({ actor }) => actor)).toEqual(["root", "root", made.key?.id, made.key?.id]);
    expect(events.slice(2).map(({ requestId }) => requestId)).toEqual(["team-1", "end-1"]);
    expect(
      events.every((event, index) => event.eventId === envelopes[index]?.eventId && event.source === "directory"),
    ).toBe(true);
  });
});
