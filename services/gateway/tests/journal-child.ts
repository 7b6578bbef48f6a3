// Appends to a journal as fast as it confirms, shortens it ever again, often before the last time is over, and says on standard output what was confirmed,
// one number a line, and at last why no more is. Stopped by a signal, or by the disk.
//   node journal-child.ts <folder> [background|always]
import { writeSync } from "node:fs";
import { createLogger } from "@alfred/telemetry";
import { openJournal } from "../src/journal/journal.ts";
import { intent } from "./journal-rig.ts";

const burst = 20;
const kept = 50;
const compactEvery = 1_000;
const [folder = "", sync = "background"] = process.argv.slice(2);
let issued = 0;

/** Not console.log, which a kill may cut off from what the journal has. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const journal = await openJournal({
  folder,
  sync: sync === "always" ? "always" : "background",
  onAppended: (number) => {
    say(String(number));
    if (number === issued) setImmediate(appendMore);
  },
  onSynced: () => undefined,
  onFailed: (error) => {
    say(error.message);
    process.exitCode = 3;
  },
  log: createLogger({ name: "test", level: "silent" }),
});

function appendMore(): void {
  const from = issued + 1;
  issued += burst;
  for (let number = from; number <= issued; number += 1) journal.append(number, [intent(number)]);
  if (issued % compactEvery !== 0) return;
  journal.compact(0, Array.from({ length: kept }, (_, index) => intent(issued - kept + 1 + index)));
}

say("0");
appendMore();
