import { createServer } from "node:net";
import { StartError } from "../../services/all/src/start-error.ts";
import { portOf, services } from "./table.ts";
import type { PortSetting } from "./table.ts";

/**
 * Refuses to start where a port of the table is taken: the process would end by itself, but what else listens there,
 * another mesh perhaps, could answer in its place.
 */
export async function refuseTakenPorts(env: NodeJS.ProcessEnv): Promise<void> {
  const host = env["ALFRED_HOST"] || "127.0.0.1";
  const settings = services.flatMap(({ port, metricsPort }) => [port, metricsPort]);
  // What is no port at all is said first, whoever listens elsewhere.
  for (const setting of settings) portOf(setting, env);
  for (const setting of settings) {
    const reason = await whyTaken(setting, host, env);
    if (reason === undefined) continue;
    const port = portOf(setting, env);
    throw new StartError(
      `Port ${port} on ${host} cannot be had (${reason}); stop what listens there, or set ${setting.variable} to another port.`,
    );
  }
}

function whyTaken(setting: PortSetting, host: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen(portOf(setting, env), host, () => server.close(() => resolve(undefined)));
  return promise;
}
