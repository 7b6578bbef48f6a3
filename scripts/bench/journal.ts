// What an append to the gateway's journal costs, by how many share a turn of the event loop, and why it is a synchronous write.
//   node scripts/bench/journal.ts [folder on the disk to measure]
import { writeSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createLogger } from "../../packages/telemetry/src/index.ts";
import { type Journal, type JournalOptions, openJournal } from "../../services/gateway/src/index.ts";

type JournalEntry = Parameters<Journal["append"]>[1][number];

const turnSizes = [1, 32, 256];
const appendsPerSize = 100_000;
/** Each turn of `always` waits for the disk. */
const mostTurnsAlways = 400;
const entryBytes = 400;
const note = new Uint8Array(300);

/** CPU time per operation and time per turn, both in microseconds. */
async function measure(name: string, turns: number, size: number, turn: () => Promise<unknown>): Promise<void> {
  const latencies: number[] = [];
  const started = process.cpuUsage();
  for (let count = 0; count < turns; count += 1) {
    const begun = performance.now();
    await turn();
    latencies.push((performance.now() - begun) * 1_000);
  }
  const { user, system } = process.cpuUsage(started);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((turns - 1) * share)] ?? 0).toFixed(0);
  const cpu = ((user + system) / (turns * size)).toFixed(2);
  console.log(`${name}, ${size} a turn: ${cpu} us CPU each; turn p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} us`);
}

function entryOf(number: number): JournalEntry {
  const charge = { nanos: 123_456_789n, tokens: 4_321n };
  const leaseId = "lease_019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b";
  if (number % 2 === 1) return { type: "actual", leaseId, number, cost: charge, note };
  return { type: "intent", leaseId, number, accountId: "key_019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c", worst: charge, note };
}

async function measureJournal(folder: string, sync: JournalOptions["sync"], size: number): Promise<void> {
  let unconfirmed = 0;
  let number = 0;
  let confirmed = Promise.withResolvers<void>();
  await using journal = await openJournal({
    folder: join(folder, `${sync}-${size}`),
    sync,
    onAppended: () => {
      unconfirmed -= 1;
      if (unconfirmed === 0) confirmed.resolve();
    },
    onSynced: () => undefined,
    onFailed: (error) => confirmed.reject(error),
    log: createLogger({ name: "bench", level: "error" }),
  });
  const turn = (): Promise<void> => {
    confirmed = Promise.withResolvers();
    unconfirmed = size;
    for (let count = 0; count < size; count += 1) journal.append(number, [entryOf((number += 1))]);
    return confirmed.promise;
  };
  const turns = Math.ceil(appendsPerSize / size);
  await measure(`journal, ${sync}`, sync === "always" ? Math.min(turns, mostTurnsAlways) : turns, size, turn);
}

/** The write alone, on the event loop's thread or off it. */
async function measureWrites(folder: string, size: number): Promise<void> {
  await using file = await open(join(folder, `writes-${size}`), "w");
  const bytes = Buffer.alloc(entryBytes * size, 7);
  const turns = Math.ceil(appendsPerSize / size / 4);
  await measure("writeSync alone", turns, size, async () => {
    writeSync(file.fd, bytes);
    await nextTurn();
  });
  await measure("asynchronous write alone", turns, size, () => file.write(bytes));
}

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), "alfred-journal-bench-"));
try {
  for (const size of turnSizes) await measureWrites(folder, size);
  for (const sync of ["background", "always"] as const) {
    for (const size of turnSizes) await measureJournal(folder, sync, size);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
