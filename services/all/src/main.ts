import { runProcess } from "@alfred/lifecycle";
import { createLogger, LOG_LEVELS, type LogLevel } from "@alfred/telemetry";
import { printBanner } from "./banner.ts";
import { startMesh } from "./mesh.ts";

// Whoever starts the whole mesh at a terminal wants to read what goes wrong, not what goes well.
const wanted = process.env["ALFRED_LOG_LEVEL"] ?? "";
const level = LOG_LEVELS.find((known): known is LogLevel => known === wanted) ?? "warn";
const log = createLogger({ name: "alfred", level, pretty: process.stdout.isTTY });

function say(line: string): void {
  process.stdout.write(`${line} …\n`);
}

await runProcess(
  "alfred",
  async () => {
    const mesh = await startMesh(process.env, { log, say });
    printBanner(mesh.banner);
    return mesh;
  },
  { log },
);
