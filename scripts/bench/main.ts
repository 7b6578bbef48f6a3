// `npm run bench`: what the mesh costs, beside a bare proxy and the upstream itself, in one run on one machine.
// --quick for less than a minute, --json for programs, --only for single parts, --seed, --profile for CPU profiles,
// --before for another work tree to measure beside this one, --open for how many paced streams are open at once.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "../../services/all/src/start-error.ts";
import { isPart, PARTS, runBench } from "./bench.ts";
import { reportText } from "./report.ts";
import { fullSettings, quickSettings } from "./settings.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join(",") },
    seed: { type: "string", default: "1" },
    profile: { type: "string" },
    before: { type: "string" },
    open: { type: "string" },
  },
});

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

try {
  if (process.platform !== "linux") throw new StartError("The bench reads CPU time from /proc, which only Linux has.");
  const parts = values.only.split(",").filter(isPart);
  if (parts.length === 0) throw new StartError(`--only takes some of ${PARTS.join(", ")}, apart by commas.`);
  const chosen = (values.quick ? quickSettings : fullSettings)(Number(values.seed));
  const settings = values.open === undefined ? chosen : { ...chosen, paced: { ...chosen.paced, connections: Number(values.open) } };
  const before = values.before === undefined ? undefined : resolve(values.before);
  const report = await runBench({ settings, parts, profileFolder: values.profile, before, say });
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${reportText(report)}`);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
