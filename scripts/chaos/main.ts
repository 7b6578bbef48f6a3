// `npm run chaos`: the mesh as processes with two gateways, killed at random and at named points under load; then proof
// that every answer is accounted once and no money is lost. --runs 50, --seed of the first, --json for programs.
import { parseArgs } from "node:util";
import { StartError } from "../../services/all/src/start-error.ts";
import { runChaos } from "./chaos.ts";
import { summaryText, verdictText } from "./report.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

function tell(...told: Parameters<typeof verdictText>): void {
  process.stderr.write(`${verdictText(...told)}\n`);
}

/** @throws StartError for what is no whole number from 1 on */
function wholeNumber(name: "runs" | "seed"): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new StartError(`--${name} is "${values[name]}"; it takes a whole number from 1 on.`);
}

try {
  const verdicts = await runChaos({ runs: wholeNumber("runs"), seed: wholeNumber("seed"), tell });
  process.stdout.write(values.json ? `${JSON.stringify(verdicts, undefined, 2)}\n` : `\n${summaryText(verdicts)}\n`);
  process.exitCode = verdicts.every(({ problems }) => problems.length === 0) ? 0 : 1;
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
