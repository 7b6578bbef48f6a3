import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ChainFault } from "@alfred/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { extend } from "../src/domain/chain.ts";
import { ACME, emptyPlace, eventOf, sql, startAudit } from "./audit-rig.ts";
import type { AuditPlace, AuditRig } from "./audit-rig.ts";

// Rows are numbered 1 to 20; a checkpoint stands at 10 and one at 20.
describe("tampering with the database", () => {
  let cleanup: AsyncDisposableStack;
  let place: AuditPlace;
  let rig: AuditRig;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    place = await emptyPlace(cleanup);
    for (const half of [0, 10]) {
      rig = await startAudit(place);
      await Promise.all(Array.from({ length: 10 }, (_, index) => rig.bus.publish(eventOf(ACME.id, half + index + 1))));
      // Stopping writes the checkpoint that is due.
      await rig[Symbol.asyncDispose]();
    }
    rig = cleanup.use(await startAudit(place));
  });
  afterEach(() => cleanup.disposeAsync());

  const verdict = () => rig.as(ACME.key).verifyChain({ organisationId: "" });
  const tamper = (text: string, values?: unknown[]) => sql(place.databaseUrl, text, values);
  const file = () => join(place.checkpointFolder, `${ACME.id}.jsonl`);

  it("is not there: the chain is whole", async () => {
    expect(await verdict()).toMatchObject({
      whole: true,
      verified: 20n,
      fault: ChainFault.CHAIN_FAULT_UNSPECIFIED,
      faultSequence: 0n,
      checkpoints: 2n,
    });
  });

  it("finds changed bytes", async () => {
    await tamper("UPDATE events SET event_bytes = event_bytes || '\\x00' WHERE sequence = 7");
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 6n,
      fault: ChainFault.CHAIN_FAULT_CHANGED,
      faultSequence: 7n,
    });
  });

  it("finds a changed hash", async () => {
    await tamper("UPDATE events SET hash = decode(repeat('ab', 32), 'hex') WHERE sequence = 7");
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_CHANGED, faultSequence: 7n });
  });

  it("finds a removed row", async () => {
    await tamper("DELETE FROM events WHERE sequence = 7");
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_MISSING, faultSequence: 7n });
  });

  it("finds the removed first row", async () => {
    await tamper("DELETE FROM events WHERE sequence = 1");
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 0n,
      fault: ChainFault.CHAIN_FAULT_MISSING,
      faultSequence: 1n,
    });
  });

  it("finds a removed row whose gap was closed", async () => {
    await tamper("DELETE FROM events WHERE sequence = 7");
    for (let sequence = 8; sequence <= 20; sequence += 1) {
      await tamper("UPDATE events SET sequence = $1 WHERE sequence = $2", [sequence - 1, sequence]);
    }
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_REORDERED, faultSequence: 7n });
  });

  it("finds swapped rows", async () => {
    await tamper("UPDATE events SET sequence = 1000 WHERE sequence = 7");
    await tamper("UPDATE events SET sequence = 7 WHERE sequence = 8");
    await tamper("UPDATE events SET sequence = 8 WHERE sequence = 1000");
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_REORDERED, faultSequence: 7n });
  });

  it("finds swapped contents", async () => {
    await tamper(`UPDATE events SET event_bytes = other.event_bytes FROM events other
                  WHERE events.sequence IN (7, 8) AND other.sequence = 15 - events.sequence`);
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_CHANGED, faultSequence: 7n });
  });

  it("finds a tail that was cut off", async () => {
    await tamper("DELETE FROM events WHERE sequence > 15");
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 15n,
      fault: ChainFault.CHAIN_FAULT_CUT_OFF,
      faultSequence: 16n,
    });
  });

  it("finds a tail that was cut off together with the head that the database keeps", async () => {
    await tamper("DELETE FROM events WHERE sequence > 15");
    await tamper("UPDATE chains SET sequence = 15, hash = (SELECT hash FROM events WHERE sequence = 15)");
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_CUT_OFF, faultSequence: 16n });
  });

  it("finds a chain that was emptied", async () => {
    await tamper("DELETE FROM events");
    await tamper("DELETE FROM chains");
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 0n,
      fault: ChainFault.CHAIN_FAULT_CUT_OFF,
      faultSequence: 1n,
    });
  });

  it("finds a chain that was rewritten whole, even where it has grown on", async () => {
    await rewriteFrom(4);
    await rig.bus.publish(eventOf(ACME.id, 21));
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 9n,
      fault: ChainFault.CHAIN_FAULT_REWRITTEN,
      faultSequence: 10n,
    });
  });

  it("finds a tail that was cut off and replaced by new events", async () => {
    await tamper("DELETE FROM events WHERE sequence > 15");
    await tamper("UPDATE chains SET sequence = 15, hash = (SELECT hash FROM events WHERE sequence = 15)");
    await Promise.all(Array.from({ length: 6 }, (_, index) => rig.bus.publish(eventOf(ACME.id, 21 + index))));
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 19n,
      fault: ChainFault.CHAIN_FAULT_REWRITTEN,
      faultSequence: 20n,
    });
  });

  it("is told at the next start, before anybody asks", async () => {
    await rig[Symbol.asyncDispose]();
    await tamper("DELETE FROM events WHERE sequence > 15");
    await tamper("UPDATE chains SET sequence = 15, hash = (SELECT hash FROM events WHERE sequence = 15)");
    const restarted = await startAudit(place);
    // Stopping waits for the look at all chains.
    await restarted[Symbol.asyncDispose]();
    expect(restarted.logged.some((line) => line.includes("contradicts its last checkpoint"))).toBe(true);
  });

  it("finds checkpoints that were changed", async () => {
    const [first = "", second = ""] = (await readFile(file(), "utf8")).trimEnd().split("\n");
    await writeFile(file(), `${first.replace('"sequence":"10"', '"sequence":"9"')}\n${second}\n`);
    expect(await verdict()).toMatchObject({ whole: false, fault: ChainFault.CHAIN_FAULT_REWRITTEN, faultSequence: 9n });
    await writeFile(
      file(),
      `${first}\n${second.replace(/"time":"[^"]*"/, '"time":"2020-01-01T00:00:00.000Z","x":1').replace('"previous":"', '"previous":"0')}\n`,
    );
    expect(await verdict()).toMatchObject({
      whole: false,
      verified: 20n,
      fault: ChainFault.CHAIN_FAULT_CHECKPOINT_BROKEN,
      faultSequence: 11n,
      checkpoints: 1n,
    });
  });

  it("is not suspected where a crash tore off the last checkpoint", async () => {
    await appendFile(file(), '{"organisation":"org_acme","sequ');
    expect(await verdict()).toMatchObject({ whole: true, checkpoints: 2n });
    await rig.bus.publish(eventOf(ACME.id, 21));
    await rig[Symbol.asyncDispose]();
    rig = cleanup.use(await startAudit(place));
    expect(await verdict()).toMatchObject({ whole: true, verified: 21n, checkpoints: 3n });
  });

  /** What somebody does who can write the database and knows how the chain is made. */
  async function rewriteFrom(sequence: number): Promise<void> {
    const rows = await tamper("SELECT hash, event_bytes FROM events WHERE sequence >= $1 ORDER BY sequence", [
      sequence - 1,
    ]);
    const [before, changed, ...after] = rows.map(({ hash, event_bytes: bytes }) => ({
      hash: hash as Buffer,
      bytes: bytes as Buffer,
    }));
    const bytes = [eventOf(ACME.id, 999).bytes, ...after.map((row) => row.bytes)];
    expect(changed).toBeDefined();
    const links = extend({ sequence: BigInt(sequence - 1), hash: before?.hash ?? Buffer.alloc(32) }, bytes);
    for (const link of links) {
      await tamper("UPDATE events SET previous_hash = $2, hash = $3, event_bytes = $4 WHERE sequence = $1", [
        link.sequence,
        link.previousHash,
        link.hash,
        link.bytes,
      ]);
    }
    await tamper("UPDATE chains SET hash = $1", [links.at(-1)?.hash]);
  }
});
