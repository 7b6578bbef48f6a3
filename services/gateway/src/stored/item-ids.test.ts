import { describe, expect, test } from "vitest";
import { IdSeal } from "./id-seal.ts";
import type { ItemSource, StoredItem } from "./item-ids.ts";
import { isModel } from "./model-mark.ts";

const seal = new IdSeal(Buffer.alloc(32, 1));
const SOURCE: ItemSource = { providerId: "openai", model: "gpt-4o-mini-2024-07-18", name: "resp_1", tokens: 12_345n };
const UPSTREAM = `msg_${"0a".repeat(25)}`;

const tell = (source: Partial<ItemSource> = {}, upstreamId = UPSTREAM, organisation = "org_1"): string => seal.items(organisation).of({ ...SOURCE, ...source }).idOf(upstreamId);
const open = (id: string, providerId = "openai", organisation = "org_1"): StoredItem | undefined => seal.items(organisation).open(id, providerId);

describe("the id of an item", () => {
  test("is the provider's with a short proof, the same each time, and tells what its answer came to", () => {
    const id = tell();
    expect(id).toMatch(/^msg_(?:0a){25}[\w-]{32}$/);
    expect(tell()).toBe(id);
    const item = open(id);
    expect(item).toMatchObject({ providerId: "openai", upstreamId: UPSTREAM, tokens: 12_345n });
    expect(["gpt-4o-mini-2024-07-18", "gpt-4o-mini", item?.model ?? ""].map((model) => isModel(item?.model ?? "", model))).toEqual([true, false, true]);
    for (const tokens of [undefined, 2n ** 24n - 1n, 2n ** 40n]) expect(open(tell({ tokens }))).toMatchObject({ upstreamId: UPSTREAM, tokens: undefined });
  });

  test("says which items come of one answer", () => {
    const sources = [tell(), tell({}, "rs_1"), tell({ name: "resp_2" })].map((id) => open(id)?.source);
    expect(sources[0]).toBe(sources[1]);
    expect(sources[0]).not.toBe(sources[2]);
  });

  test("is nothing to another organisation, at another provider, or under another key", () => {
    const id = tell();
    expect([open(id, "openai", "org_2"), open(id, "azure"), new IdSeal(Buffer.alloc(32, 2)).items("org_1").open(id, "openai")]).toEqual([undefined, undefined, undefined]);
  });

  test("is nothing once any character differs, is missing or is added", () => {
    const id = tell();
    for (let index = 0; index < id.length; index += 1) {
      const other = id[index] === "A" ? "B" : "A";
      expect(open(id.slice(0, index) + other + id.slice(index + 1)), String(index)).toBeUndefined();
      expect(open(id.slice(0, index) + id.slice(index + 1)), String(index)).toBeUndefined();
    }
    for (const text of ["", UPSTREAM, id.slice(-32), `${id}A`, `${id}=`, `${id}\n`, `m${"A".repeat(5_000)}`, tell({}, "+".repeat(32)).slice(0, -1)]) expect(open(text), text).toBeUndefined();
    expect(open(id.replaceAll("-", "+").replaceAll("_", "/"))).toBeUndefined();
  });

  test("is worked out once for each, however many there are", () => {
    const items = seal.items("org_1").of(SOURCE);
    const ids = Array.from({ length: 600 }, (_, index) => items.idOf(`msg_${index}`));
    expect(Array.from({ length: 600 }, (_, index) => items.idOf(`msg_${index}`))).toEqual(ids);
    expect(items.tell([{ id: "msg_1" }, { id: undefined }])).toEqual([{ id: ids[1] }, { id: undefined }]);
  });
});
