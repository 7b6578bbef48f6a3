import { AccountPath } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { JournalEntry } from "../leases/journal-entry.ts";
import { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

type EntryType = JournalEntry["type"];
type EntryOf<Type extends EntryType> = Extract<JournalEntry, { type: Type }>;

/** The byte that opens each entry; part of the format, so a number is never given to something else. */
const tags: Readonly<Record<EntryType, number>> = {
  gateway: 1,
  start: 2,
  boot: 3,
  clean: 4,
  path: 5,
  lease: 6,
  intent: 7,
  actual: 8,
};

/** Writes an entry: its tag, then its fields in a fixed order. A `RangeError` for what the format cannot say. */
export function writeEntry(to: ByteWriter, entry: JournalEntry): void {
  to.u8(tags[entry.type]);
  switch (entry.type) {
    case "gateway":
      return to.text(entry.gatewayId);
    case "start":
      to.text(entry.startId);
      return to.u8(entry.isAlwaysSynced ? 1 : 0);
    case "boot":
      return to.text(entry.bootId);
    case "clean":
      return;
    case "path":
      return to.bytes(AccountPath.encode(entry.path).finish());
    case "lease":
      return writeLease(to, entry);
    case "intent":
      return writeIntent(to, entry);
    case "actual":
      return writeActual(to, entry);
  }
}

function writeLease(to: ByteWriter, entry: EntryOf<"lease">): void {
  to.text(entry.leaseId);
  to.text(entry.organisationId);
  to.number(entry.grantTimeMs);
  to.integer(entry.incarnation);
  to.number(entry.nextNumber);
}

function writeIntent(to: ByteWriter, entry: EntryOf<"intent">): void {
  to.text(entry.leaseId);
  to.number(entry.number);
  to.text(entry.accountId);
  writeCharge(to, entry.worst);
  to.bytes(entry.note);
}

function writeActual(to: ByteWriter, entry: EntryOf<"actual">): void {
  to.text(entry.leaseId);
  to.number(entry.number);
  writeCharge(to, entry.cost);
  to.bytes(entry.note);
}

function writeCharge(to: ByteWriter, { nanos, tokens }: Charge): void {
  to.integer(nanos);
  to.integer(tokens);
}

/** Reads entries to the end of the bytes; a `RangeError` where they are not what `writeEntry` wrote. */
export function readEntries(bytes: Buffer): JournalEntry[] {
  const from = new ByteReader(bytes);
  const entries: JournalEntry[] = [];
  while (!from.isAtEnd) entries.push(readEntry(from));
  return entries;
}

function readEntry(from: ByteReader): JournalEntry {
  const tag = from.u8();
  switch (tag) {
    case tags.gateway:
      return { type: "gateway", gatewayId: from.text() };
    case tags.start:
      return { type: "start", startId: from.text(), isAlwaysSynced: from.u8() === 1 };
    case tags.boot:
      return { type: "boot", bootId: from.text() };
    case tags.clean:
      return { type: "clean" };
    case tags.path:
      return { type: "path", path: AccountPath.decode(from.bytes()) };
    case tags.lease:
      return readLease(from);
    case tags.intent:
      return readIntent(from);
    case tags.actual:
      return { type: "actual", leaseId: from.text(), number: from.number(), cost: readCharge(from), note: from.bytes() };
    default:
      throw new RangeError(`no entry has the tag ${tag}`);
  }
}

// The fields of an object literal are evaluated in the order they are written, which is the order of the format.
function readLease(from: ByteReader): JournalEntry {
  return {
    type: "lease",
    leaseId: from.text(),
    organisationId: from.text(),
    grantTimeMs: from.number(),
    incarnation: from.integer(),
    nextNumber: from.number(),
  };
}

function readIntent(from: ByteReader): JournalEntry {
  return {
    type: "intent",
    leaseId: from.text(),
    number: from.number(),
    accountId: from.text(),
    worst: readCharge(from),
    note: from.bytes(),
  };
}

function readCharge(from: ByteReader): Charge {
  return { nanos: from.integer(), tokens: from.integer() };
}
