import { AccountPath } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../leases/journal-entry.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readEntries, writeEntry } from "./entry-codec.ts";

const id = fc.oneof(fc.uuid(), fc.string({ unit: "grapheme", maxLength: 40 }));
const amount = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, -(2n ** 63n), 2n ** 63n - 1n));
const charge = fc.record({ nanos: amount, tokens: amount });
const number = fc.oneof(fc.nat(), fc.constantFrom(1, Number.MAX_SAFE_INTEGER));
const note = fc.uint8Array({ maxLength: 600 });
const path = fc
  .record({ organisationId: id, timeZone: id, ids: fc.array(id, { maxLength: 8 }) })
  .map(({ ids, ...named }) => AccountPath.fromPartial({ ...named, accounts: ids.map((account) => ({ id: account })) }));

const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({ type: fc.constant("gateway" as const), gatewayId: id }),
  fc.record({ type: fc.constant("start" as const), startId: id, isAlwaysSynced: fc.boolean() }),
  fc.record({ type: fc.constant("boot" as const), bootId: id }),
  fc.record({ type: fc.constant("clean" as const) }),
  fc.record({ type: fc.constant("path" as const), path }),
  fc.record({
    type: fc.constant("lease" as const),
    leaseId: id,
    organisationId: id,
    grantTimeMs: fc.double({ noNaN: true }),
    incarnation: amount,
    nextNumber: number,
  }),
  fc.record({ type: fc.constant("intent" as const), leaseId: id, number, accountId: id, worst: charge, note }),
  fc.record({ type: fc.constant("actual" as const), leaseId: id, number, cost: charge, note }),
);

function encode(entries: readonly JournalEntry[]): Buffer {
  const writer = new ByteWriter(1);
  for (const each of entries) writeEntry(writer, each);
  return Buffer.from(writer.view());
}

describe("the entries of the journal", () => {
  it("are read as they were written, whatever they hold", () => {
    fc.assert(fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      expect(readEntries(encode(entries))).toEqual(entries);
    }));
  });

  it("are refused where the bytes end within the last", () => {
    fc.assert(fc.property(entry, fc.double({ min: 0, max: 0.999, noNaN: true }), (last, share) => {
      const bytes = encode([last]);
      const cut = bytes.subarray(0, 1 + Math.floor((bytes.length - 1) * share));
      fc.pre(cut.length < bytes.length);
      expect(() => readEntries(cut)).toThrow(RangeError);
    }));
  });

  it("refuse an amount of more than 64 bits and a text of more than 64 KiB, and do not cut them short", () => {
    const lease = { type: "intent", leaseId: "l", number: 1, accountId: "k", note: new Uint8Array() } as const;
    expect(() => encode([{ ...lease, worst: { nanos: 2n ** 63n, tokens: 0n } }])).toThrow(RangeError);
    expect(() => encode([{ type: "boot", bootId: "x".repeat(65_536) }])).toThrow(RangeError);
  });

  it("refuse a tag that they do not have", () => {
    expect(() => readEntries(Buffer.from([99]))).toThrow("no entry has the tag 99");
  });
});
