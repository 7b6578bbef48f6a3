// `npm run mesh`: the six services as six processes against real Postgres, Redis and NATS.
import { runProcess } from "../packages/lifecycle/src/index.ts";
import { createLogger } from "../packages/telemetry/src/index.ts";
import { printBanner } from "../services/all/src/banner.ts";
import { startMesh } from "./mesh/mesh.ts";

// Each process may take its own time to stop, one after the other.
const stopTimeoutMs = 300_000;
const log = createLogger({ name: "mesh", level: "warn", pretty: process.stdout.isTTY });

await runProcess(
  "mesh",
  async () => {
    const mesh = await startMesh(process.env, {
      say: (line) => process.stdout.write(`mesh: ${line}\n`),
      print: (line) => process.stdout.write(`${line}\n`),
    });
    printBanner(mesh.banner);
    return mesh;
  },
  { log, stopTimeoutMs },
);
