// Runs the three servers in the foreground. Their addresses are printed and, with --home, kept in
// <home>/servers/urls.json while they run, for processes that are started on their own (Tilt does so).
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { StartError } from "../../services/all/src/start-error.ts";
import { startServers } from "./index.ts";
import { urlsFile } from "./urls-file.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: "string" } } });
  const { home } = values;
  await using servers = await startServers({
    ...(home === undefined ? {} : { dataFolder: join(home, "servers") }),
    say: (line) => console.error(line),
  });
  const { databaseUrl, redisUrl, natsUrl } = servers;
  await using published = new AsyncDisposableStack();
  if (home !== undefined) {
    await writeFile(urlsFile(home), JSON.stringify({ databaseUrl, redisUrl, natsUrl }), { mode: 0o600 });
    published.defer(() => rm(urlsFile(home), { force: true }));
  }
  console.log(`export DATABASE_URL=${databaseUrl} REDIS_URL=${redisUrl} NATS_URL=${natsUrl}`);
  const death = [...servers.started].map(async ([name, ended]) => {
    await ended;
    throw new StartError(`${name} has ended; its log is beside its data`);
  });
  await Promise.race([stopSignal(), ...death]);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
