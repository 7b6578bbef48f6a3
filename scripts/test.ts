// Runs every check of the repository and closes with one line of counts.
//   npm test                              all of it
//   npm test -- --only lint,types         some stages
//   npm test -- --only tests packages/rpc the tests whose path contains that
import { parseArgs } from "node:util";
import { runStages } from "./check/stage.ts";
import { stages } from "./check/stages.ts";

const { values, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });
const all = stages(positionals);
const wanted = values.only?.split(",") ?? all.map(({ name }) => name);
const unknown = wanted.filter((name) => !all.some((stage) => stage.name === name));

if (unknown.length > 0) {
  console.error(`No stage is called ${unknown.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 1;
} else {
  const chosen = all.filter(({ name }) => wanted.includes(name));
  const { passed, failed, failedStages } = await runStages(chosen, (line) => console.log(line));
  if (failedStages.length > 0) console.log(`failed stages: ${failedStages.join(", ")}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
