import { AccountKind, Key, Node } from "@alfred/contracts";
import { KeyRing } from "@alfred/rpc";
import { expect, test } from "vitest";
import { refusingList } from "../domain/allowed-models.ts";
import { ModelLists } from "./model-lists.ts";

const TEAM = AccountKind.ACCOUNT_KIND_TEAM;
const ORGANISATION = AccountKind.ACCOUNT_KIND_ORGANISATION;

const accounts = [
  { id: "key_1", kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] },
  { id: "team_1", kind: TEAM, initialLimits: [] },
  { id: "org_1", kind: ORGANISATION, initialLimits: [] },
];
const keyWith = (...allowedModels: string[]) => Key.create({ id: "key_1", path: { organisationId: "org_1", timeZone: "UTC", accounts }, allowedModels });

function ringOf(): { readonly ring: KeyRing; tell(id: string, kind: AccountKind, ...allowedModels: string[]): void } {
  const ring = new KeyRing();
  const tell = (id: string, kind: AccountKind, ...allowedModels: string[]): void =>
    ring.apply({ $case: "node", value: Node.create({ id, kind, allowedModels }) });
  return { ring, tell };
}

test("a key is bound by its own list and by those above it, its own first", () => {
  const { ring, tell } = ringOf();
  const lists = new ModelLists(ring);
  tell("org_1", ORGANISATION, "gpt-*");
  tell("team_1", TEAM);
  tell("team_2", TEAM, "nothing");
  expect(lists.of(keyWith("gpt-4o")).map(({ kind, id }) => [kind, id])).toEqual([["key", "key_1"], ["organisation", "org_1"]]);
  expect(lists.of(keyWith()).map(({ id }) => id)).toEqual(["org_1"]);
  expect(lists.of(undefined)).toEqual([]);
  expect(lists.of(Key.create({ id: "key_root" }))).toEqual([]);
});

test("a list counts from the moment it comes, for keys that were asked about before too", () => {
  const { ring, tell } = ringOf();
  const lists = new ModelLists(ring);
  const key = keyWith();
  tell("org_1", ORGANISATION);
  tell("team_1", TEAM);
  const refusing = () => refusingList(lists.of(key), "gpt-4o")?.id;
  expect(refusing()).toBeUndefined();
  tell("team_1", TEAM, "o3");
  expect(refusing()).toBe("team_1");
  tell("team_1", TEAM, "o3", "gpt-*");
  expect(refusing()).toBeUndefined();
  tell("org_1", ORGANISATION, "o3");
  expect(refusing()).toBe("org_1");
  tell("org_1", ORGANISATION);
  expect(refusing()).toBeUndefined();
});

test("a key under a node that is not known yet may use nothing, until it is", () => {
  const { ring, tell } = ringOf();
  const lists = new ModelLists(ring);
  const key = keyWith();
  tell("org_1", ORGANISATION);
  expect(() => lists.of(key)).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
  tell("team_1", TEAM);
  expect(lists.of(key)).toEqual([]);
});

test("a new snapshot forgets no node, so that nobody is refused or let in while it comes", () => {
  const { ring, tell } = ringOf();
  const lists = new ModelLists(ring);
  tell("org_1", ORGANISATION, "o3");
  tell("team_1", TEAM);
  ring.apply({ $case: "snapshotStarted", value: {} });
  expect(refusingList(lists.of(keyWith()), "gpt-4o")?.id).toBe("org_1");
});
