// `npm run bench:wallet`: what the ledger does in a second, what budgets cost a request, and how exact they are.
// --quick for a few minutes, --json for programs, --only for single parts, --seed.
import { parseArgs } from "node:util";
import { StartError } from "../../../services/all/src/start-error.ts";
import { PARTS, runWalletBench } from "./bench.ts";
import { walletReportText } from "./report.ts";
import { fullSettings, quickSettings } from "./settings.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join(",") },
    seed: { type: "string", default: "1" },
  },
});

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

try {
  const wanted = values.only.split(",");
  const parts = new Set(PARTS.filter((part) => wanted.includes(part)));
  if (parts.size !== wanted.length) throw new StartError(`--only takes some of ${PARTS.join(", ")}, apart by commas.`);
  const settings = (values.quick ? quickSettings : fullSettings)(Number(values.seed));
  const report = await runWalletBench({ settings, parts, say });
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${walletReportText(report)}`);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
