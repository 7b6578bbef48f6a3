// Runs Postgres, Redis and NATS in the foreground, as far as they are not given, for services that are started one by
// one (`npm run service`, Tilt): prepares the data folder and the shared secrets, and leaves the addresses in it.
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { runProcess } from "../../packages/lifecycle/src/index.ts";
import { createLogger } from "../../packages/telemetry/src/index.ts";
import { openHome } from "../../services/all/src/home.ts";
import { loadSecrets } from "../../services/all/src/secrets.ts";
import { givenServers } from "../mesh/environment.ts";
import { portOf, servers as entry } from "../mesh/table.ts";
import { startServers } from "./index.ts";
import { urlsFile } from "./urls-file.ts";

const say = (line: string): void => console.log(line);

async function start(): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const { folder } = stack.use(await openHome(process.env["ALFRED_HOME"] || ".alfred"));
  await loadSecrets(folder, process.env);
  const options = { dataFolder: join(folder, "servers"), given: givenServers(process.env), say };
  const { databaseUrl, redisUrl, natsUrl, started } = stack.use(await startServers(options));
  await writeFile(urlsFile(folder), JSON.stringify({ databaseUrl, redisUrl, natsUrl }), { mode: 0o600 });
  stack.defer(() => rm(urlsFile(folder), { force: true }));
  const dead = new Set<string>();
  for (const [name, ended] of started) void ended.then(() => dead.add(name));
  stack.use(await startReadiness(() => dead.size === 0));
  say(`servers are ready; their addresses are in ${urlsFile(folder)}`);
  return stack.move();
}

/** Answers 200 on any path while all servers run. */
async function startReadiness(isReady: () => boolean): Promise<AsyncDisposable> {
  const server = createServer((_, response) => response.writeHead(isReady() ? 200 : 503).end());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(portOf(entry.metricsPort, process.env), "127.0.0.1", resolve);
  await promise;
  return {
    [Symbol.asyncDispose]: () => {
      server.close().closeAllConnections();
      return Promise.resolve();
    },
  };
}

await runProcess("servers", start, { log: createLogger({ name: "servers", level: "warn", pretty: true }) });
