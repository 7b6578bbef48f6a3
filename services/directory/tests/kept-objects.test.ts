import { AccountKind, KeptObject, KeptObjectKind, KeptObjectServiceService, ProviderKind } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { createClient } from "@alfred/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, failureOf, newRequest, ROOT_KEY, SERVICE_TOKEN, startDirectory } from "./directory-rig.ts";
import type { DirectoryRig } from "./directory-rig.ts";

const { KEPT_OBJECT_KIND_BATCH: BATCH, KEPT_OBJECT_KIND_FILE: FILE } = KeptObjectKind;

function objectOf(id: string, fields: Partial<KeptObject> = {}, organisationId = "org_1"): KeptObject {
  const path = { organisationId, timeZone: "UTC", accounts: [{ id: organisationId, kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] }] };
  return { ...KeptObject.create({ id, kind: FILE, path, providerId: "openai", upstreamId: `up-${id}`, purpose: "batch", filename: "in.jsonl", bytes: 7n, state: "{}" }), ...fields };
}

describe("what providers keep", () => {
  let rig: DirectoryRig;
  const kept = (token = SERVICE_TOKEN) => createClient(KeptObjectServiceService, rig.service.transport, { token });
  const create = (object: KeptObject, requestId = newRequest()) => kept().createKeptObject({ requestId, object });
  const idsOf = async (fields: { kind?: KeptObjectKind; purpose?: string; afterId?: string; pageSize?: number; oldestFirst?: boolean }, organisationId: string) => {
    const { objects, hasMore } = await kept().listKeptObjects({ organisationId, kind: FILE, purpose: "", afterId: "", pageSize: 0, oldestFirst: false, ...fields });
    return [...objects.map(({ id }) => id), hasMore];
  };

  beforeAll(async () => {
    rig = await startDirectory(await emptyDatabase());
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  it("is put on record once per request id, and told of to its organisation", async () => {
    const object = objectOf("file-1");
    const first = await create(object, "one");
    expect(first).toMatchObject({ replayed: false, object: { ...object, version: 1n, createTime: expect.any(Date) as unknown } });
    expect(await create(object, "one")).toEqual({ ...first, replayed: true });
    expect(isFailure(await failureOf(create(objectOf("file-1", { bytes: 8n }), "one")), "REQUEST_ID_REUSED")).toBe(true);
    expect(isFailure(await failureOf(create(object)), "ALREADY_EXISTS")).toBe(true);
    expect(isFailure(await failureOf(create(objectOf("file-1", {}, "org_2"))), "ALREADY_EXISTS")).toBe(true);
    expect((await kept().getKeptObject({ organisationId: "org_1", kind: FILE, id: "file-1" })).object).toEqual(first.object);
    for (const other of [{ organisationId: "org_2", kind: FILE }, { organisationId: "org_1", kind: BATCH }]) {
      expect(isFailure(await failureOf(kept().getKeptObject({ ...other, id: "file-1" })), "NOT_FOUND")).toBe(true);
    }
  });

  it("is listed newest first, in pages, by organisation and purpose", async () => {
    for (const id of ["a", "b", "c"]) await create(objectOf(id, { purpose: id === "b" ? "vision" : "batch" }, "org_list"));
    await create(objectOf("d", { kind: BATCH }, "org_list"));
    await create(objectOf("e", { upstreamId: "", purpose: "vision" }, "org_list"));
    expect(await idsOf({}, "org_list")).toEqual(["c", "b", "a", false]);
    expect(await idsOf({ oldestFirst: true }, "org_list")).toEqual(["a", "b", "c", false]);
    expect(await idsOf({ pageSize: 1 }, "org_list")).toEqual(["c", true]);
    expect(await idsOf({ afterId: "c", pageSize: 2 }, "org_list")).toEqual(["b", "a", false]);
    expect(await idsOf({ purpose: "vision" }, "org_list")).toEqual(["b", false]);
    expect(await idsOf({ purpose: "batch", afterId: "c", pageSize: 1 }, "org_list")).toEqual(["a", false]);
    expect(await idsOf({ kind: BATCH }, "org_list")).toEqual(["d", false]);
    expect(isFailure(await failureOf(idsOf({ afterId: "c" }, "org_1")), "NOT_FOUND")).toBe(true);
  });

  it("changes at the version that the change names, once", async () => {
    await create(objectOf("changing", { upstreamId: "" }));
    const change = { requestId: newRequest(), organisationId: "org_1", id: "changing", version: 1n, upstreamId: "up", state: '{"at":1}', dueTime: new Date(5) };
    const { object } = await kept().updateKeptObject(change);
    expect(object).toMatchObject({ version: 2n, upstreamId: "up", state: '{"at":1}', dueTime: new Date(5), filename: "in.jsonl" });
    expect(await kept().updateKeptObject(change)).toEqual({ object });
    expect(isFailure(await failureOf(kept().updateKeptObject({ ...change, state: "{}" })), "REQUEST_ID_REUSED")).toBe(true);
    expect(isFailure(await failureOf(kept().updateKeptObject({ ...change, requestId: newRequest() })), "FAILED_PRECONDITION")).toBe(true);
    expect(isFailure(await failureOf(kept().updateKeptObject({ ...change, requestId: newRequest(), organisationId: "org_2" })), "NOT_FOUND")).toBe(true);
  });

  it("is removed for its own organisation alone, as often as that is asked", async () => {
    await create(objectOf("leaving"));
    const remove = (organisationId: string) => kept().deleteKeptObject({ requestId: newRequest(), organisationId, id: "leaving" });
    const find = () => kept().getKeptObject({ organisationId: "org_1", kind: FILE, id: "leaving" });
    await remove("org_2");
    expect((await find()).object?.id).toBe("leaving");
    await remove("org_1");
    await remove("org_1");
    expect(isFailure(await failureOf(find()), "NOT_FOUND")).toBe(true);
  });

  it("is claimed by one of many where it is due, for as long as they say", async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `due-${index}`);
    for (const id of ids) await create(objectOf(id, { kind: BATCH, dueTime: new Date(1_000) }));
    await create(objectOf("later", { kind: BATCH, dueTime: new Date(Date.now() + 3_600_000) }));
    await create(objectOf("never", { kind: BATCH }));
    const claim = () => kept().claimKeptObjects({ kind: BATCH, most: 10, lease: { seconds: 60n, nanos: 0 } });
    const claims = (await Promise.all(Array.from({ length: 6 }, claim))).flatMap(({ objects }) => objects);
    const rest = (await claim()).objects;
    const claimed = [...claims, ...rest];
    expect(new Set(claimed.map(({ id }) => id))).toEqual(new Set(ids));
    expect(claimed.length).toBe(ids.length);
    expect(claimed.every(({ version }) => version === 2n)).toBe(true);
    expect((await claim()).objects).toEqual([]);
  });

  it("keeps a provider from being removed while a batch runs there, and no longer", async () => {
    const { config } = rig.as(ROOT_KEY);
    await config.putProvider({ requestId: newRequest(), providerId: "house", kind: ProviderKind.PROVIDER_KIND_OPENAI, baseUrl: "https://house.example/v1", priceBook: "openai", region: "", apiVersion: "" });
    await create(objectOf("running", { kind: BATCH, providerId: "house", dueTime: new Date(Date.now() + 3_600_000) }));
    await create(objectOf("over", { kind: BATCH, providerId: "house" }));
    const remove = () => config.deleteProvider({ requestId: newRequest(), providerId: "house" });
    const failure = await failureOf(remove());
    expect(isFailure(failure, "FAILED_PRECONDITION") && failure.message).toBe('Provider "house" has 1 running batch.');
    await kept().updateKeptObject({ requestId: newRequest(), organisationId: "org_1", id: "running", version: 1n, upstreamId: "up", state: "{}", dueTime: undefined });
    await remove();
  });

  it.each<[string, Partial<KeptObject>]>([
    ["object.id", { id: "" }],
    ["kind", { kind: KeptObjectKind.KEPT_OBJECT_KIND_UNSPECIFIED }],
    ["object.path", { path: undefined }],
    ["object.provider_id", { providerId: "" }],
    ["object.filename", { filename: "n".repeat(513) }],
    ["object.bytes", { bytes: -1n }],
    ["state", { state: `{"long":"${"x".repeat(256 * 1024)}"}` }],
  ])("is refused for its %s", async (field, fields) => {
    const failure = await failureOf(create(objectOf("wrong", fields)));
    expect(isFailure(failure, "INVALID_ARGUMENT") && failure.metadata["field"]).toBe(field);
  });

  it("is for services alone", async () => {
    const failure = await failureOf(kept(ROOT_KEY).getKeptObject({ organisationId: "org_1", kind: FILE, id: "file-1" }));
    expect(isFailure(failure, "ROLE_INSUFFICIENT")).toBe(true);
  });
});
