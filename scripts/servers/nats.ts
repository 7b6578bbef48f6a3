import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { lineProbe } from "./line-probe.ts";
import type { RunningServer, ServerPlace } from "../../services/all/src/servers/place.ts";
import { ServerProcess } from "../../services/all/src/servers/server-process.ts";

/** Starts NATS with JetStream, whose streams are kept in the folder. */
export async function startNats(place: ServerPlace): Promise<RunningServer> {
  const cwd = join(place.folder, "nats");
  await mkdir(cwd, { recursive: true });
  const port = await freePort();
  const server = await ServerProcess.start({
    name: "NATS",
    file: place.program,
    args: ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", cwd],
    cwd,
    stopSignal: "SIGTERM",
    logFile: join(place.folder, "nats.log"),
    probe: async () => {
      const greeting = await lineProbe(port, "");
      if (!/"jetstream":\s*true/.test(greeting)) throw new Error(`no JetStream in ${greeting}`);
    },
  });
  return { url: `nats://127.0.0.1:${port}`, server };
}
