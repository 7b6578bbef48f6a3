import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { lineProbe } from "./line-probe.ts";
import type { RunningServer, ServerPlace } from "../../services/all/src/servers/place.ts";
import { ServerProcess } from "../../services/all/src/servers/server-process.ts";

/** Starts Redis without persistence: what it holds may be lost at any time, by the rules of the house. */
export async function startRedis(place: ServerPlace): Promise<RunningServer> {
  const cwd = join(place.folder, "redis");
  await mkdir(cwd, { recursive: true });
  const port = await freePort();
  const server = await ServerProcess.start({
    name: "Redis",
    file: place.program,
    args: ["--port", String(port), "--bind", "127.0.0.1", "--dir", cwd, "--save", "", "--appendonly", "no"],
    cwd,
    stopSignal: "SIGTERM",
    logFile: join(place.folder, "redis.log"),
    probe: async () => {
      const answer = await lineProbe(port, "PING");
      if (answer !== "+PONG") throw new Error(`Redis answered ${answer}`);
    },
  });
  return { url: `redis://127.0.0.1:${port}`, server };
}
