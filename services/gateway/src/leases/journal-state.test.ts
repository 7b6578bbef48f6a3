import { describe, expect, test } from "vitest";
import type { JournalEntry } from "./journal-entry.ts";
import { foldJournal, isIntact } from "./journal-state.ts";
import { KEY_PATH, worth } from "./lease-stage.ts";
import { NO_NOTE } from "./own-record.ts";

const GATEWAY: JournalEntry = { type: "gateway", gatewayId: "gw_1" };
const CLEAN: JournalEntry = { type: "clean" };
const LEASE: JournalEntry = { type: "lease", leaseId: "l", organisationId: "org_1", grantTimeMs: 1, incarnation: 1n, nextNumber: 3 };

function start(startId: string, isAlwaysSynced = false): JournalEntry {
  return { type: "start", startId, isAlwaysSynced };
}

function boot(bootId: string): JournalEntry {
  return { type: "boot", bootId };
}

function intent(number: number): JournalEntry {
  return { type: "intent", leaseId: "l", number, accountId: "key_1", worst: worth(10), note: Uint8Array.of(number) };
}

function intact(entries: readonly JournalEntry[], bootId = "a", found = {}): boolean {
  return isIntact({ state: foldJournal(entries), bootId, isCorrupt: false, isMarkedLost: false, ...found });
}

describe("a journal read", () => {
  test("gives the name, the starts, the paths and what is left of each lease", () => {
    const actual: JournalEntry = { type: "actual", leaseId: "l", number: 3, cost: worth(4), note: Uint8Array.of(9) };
    const path: JournalEntry = { type: "path", path: KEY_PATH };
    const state = foldJournal([GATEWAY, start("s1"), start("s2"), boot("a"), path, LEASE, intent(3), intent(4), actual]);
    expect(state).toMatchObject({ gatewayId: "gw_1", startIds: ["s1", "s2"], bootId: "a", isClean: false });
    expect(state.paths.get("key_1")).toBe(KEY_PATH);
    const lease = state.leases.get("l");
    expect(lease).toMatchObject({ header: LEASE, nextNumber: 5 });
    expect([...(lease?.records ?? [])]).toEqual([
      [3, { accountId: "key_1", worst: worth(10), cost: worth(4), note: Uint8Array.of(9) }],
      [4, { accountId: "key_1", worst: worth(10), cost: undefined, note: Uint8Array.of(4) }],
    ]);
  });

  test("leaves out what has nothing that it belongs to", () => {
    const orphan: JournalEntry = { type: "actual", leaseId: "l", number: 9, cost: worth(1), note: NO_NOTE };
    expect(foldJournal([intent(1)]).leases.size).toBe(0);
    expect(foldJournal([LEASE, orphan]).leases.get("l")?.records.size).toBe(0);
  });
});

describe("a journal is intact", () => {
  const admitted = [GATEWAY, start("s1"), boot("a"), LEASE, intent(3)];

  test("while the machine has not restarted", () => {
    expect(intact(admitted, "a")).toBe(true);
    expect(intact(admitted, "b")).toBe(false);
    expect(intact(admitted, ""), "nobody knows").toBe(false);
    expect(intact([GATEWAY, start("s1"), boot(""), intent(1)], "")).toBe(false);
  });

  test("where nothing can have been admitted", () => {
    expect(intact([])).toBe(true);
    expect(intact([GATEWAY, start("s1")], "b")).toBe(true);
  });

  test("never where it is damaged or marked as lost", () => {
    expect(intact(admitted, "a", { isCorrupt: true })).toBe(false);
    expect(intact(admitted, "a", { isMarkedLost: true })).toBe(false);
  });

  test("after a clean stop, until something may have been admitted again", () => {
    expect(intact([...admitted, CLEAN], "b")).toBe(true);
    expect(intact([...admitted, CLEAN, start("s2")], "b")).toBe(true);
    expect(intact([...admitted, CLEAN, start("s2"), boot("b")], "c")).toBe(false);
    expect(intact([...admitted, CLEAN, intent(4)], "b")).toBe(false);
  });

  test("where each admission was synced, by the start that admitted and not by one that never did", () => {
    const always = [GATEWAY, start("s1", true), boot("a"), LEASE, intent(3)];
    expect(intact(always, "b")).toBe(true);
    expect(intact([...always, start("s2", false)], "b")).toBe(true);
    expect(intact([...always, start("s2", false), boot("b")], "c")).toBe(false);
    expect(intact([...admitted, start("s2", true)], "b")).toBe(false);
  });
});
