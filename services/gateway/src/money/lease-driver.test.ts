import { expect, test } from "vitest";
import type { Journal } from "../journal/journal.ts";
import type { Effect } from "../leases/effect.ts";
import { LeaseCore } from "../leases/lease-core.ts";
import { LeaseDriver, type LeaseHands } from "./lease-driver.ts";

test("the wallet hears of an actual only after the journal has written it, at the end of the turn", async () => {
  const done: string[] = [];
  using driver = new LeaseDriver({ core: new LeaseCore(), clock: () => 0 });
  const journal: Pick<Journal, "append"> = { append: () => void setImmediate(() => done.push("written")) };
  const hands: Pick<LeaseHands, "settle"> = { settle: () => void done.push("settled") };
  driver.begin(journal as Journal, hands as LeaseHands);
  const effects: readonly Effect[] = [
    { type: "append", token: 1, entries: [], sync: false },
    { type: "settle", batchId: 1, gatewayId: "gw_1", incarnation: 1n, settlements: [] },
  ];
  driver.tell(() => effects);
  await expect.poll(() => done).toEqual(["written", "settled"]);
});
