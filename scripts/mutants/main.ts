// `npm run mutants`: applies known mistakes one by one to a copy of the tree and demands that a named test finds each.
// --only for some of them, by name, apart by commas.
import { parseArgs } from "node:util";
import { runGate, type MutantResult } from "./gate.ts";
import { mutants } from "./mutants.ts";

const { values } = parseArgs({ options: { only: { type: "string" } } });
const names = values.only?.split(",");
const chosen = mutants.filter(({ name }) => names === undefined || names.includes(name));

function tell({ mutant, isFound, message }: MutantResult): void {
  console.log(`${isFound ? "found " : "FAILED"} ${mutant.name}: ${mutant.mistake}\n       ${mutant.file} > ${mutant.test}\n       ${message}`);
}

const unknown = names?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`No mutant is called ${unknown.join(", ")}; there are ${mutants.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 1;
} else {
  const results = await runGate(chosen, tell);
  const found = results.filter(({ isFound }) => isFound).length;
  console.log(`${found} of ${results.length} mutants were found`);
  process.exitCode = found === results.length ? 0 : 1;
}
