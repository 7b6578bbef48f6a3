// `npm run service <name>`: one service of the table, or the simulator, in this process, with the environment that
// `npm run mesh` would give it. The servers must run already: `npm run servers` leaves their addresses.
import { join, resolve } from "node:path";
import { loadSecrets } from "../services/all/src/secrets.ts";
import { StartError } from "../services/all/src/start-error.ts";
import { givenServers, hasProvider, meshEnvironment } from "./mesh/environment.ts";
import { portOf, services, simulator } from "./mesh/table.ts";
import { repositoryRoot } from "./repository.ts";
import { readUrls } from "./servers/urls-file.ts";

const { env } = process;

async function environment(): Promise<NodeJS.ProcessEnv> {
  const home = resolve(env["ALFRED_HOME"] || ".alfred");
  const { databaseUrl, redisUrl, natsUrl } = { ...(await readUrls(home)), ...givenServers(env) };
  if (!databaseUrl || !redisUrl || !natsUrl) {
    throw new StartError("No servers run for this data folder; start them with `npm run servers` in another terminal.");
  }
  return meshEnvironment(env, {
    home,
    secrets: await loadSecrets(home, env),
    servers: { databaseUrl, redisUrl, natsUrl },
    simulatorUrl: hasProvider(env) ? undefined : `http://127.0.0.1:${portOf(simulator.port, env)}/v1`,
  });
}

/** The entry's own arguments are none: what stands after the name is for this script. */
async function run(name: string): Promise<void> {
  const wanted = [...services, simulator].find((service) => service.name === name);
  if (wanted === undefined) {
    const names = [...services, simulator].map((service) => service.name).join(", ");
    throw new StartError(`No service is called "${name}"; there are ${names}.`);
  }
  if (wanted !== simulator) Object.assign(env, await environment());
  process.argv.splice(2);
  await import(join(repositoryRoot, wanted.entry));
}

try {
  await run(process.argv[2] ?? "");
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
