import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { loadSecrets } from "../../services/all/src/secrets.ts";
import { MeshProcess } from "./mesh-process.ts";
import { untilReady } from "./readiness.ts";
import { addressOf, readyUrl, servers, services, simulator } from "./table.ts";

// What `tilt up` does, without tilt: each process started by itself, each told only its name.
describe("services that are started one by one", () => {
  it("find the servers, the secrets and each other through the data folder", async () => {
    const home = await mkdtemp(join(tmpdir(), "alfred-one-by-one-"));
    const lines: string[] = [];
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(home, { recursive: true, force: true }));
    const env = await environment(home);
    const start = (name: string, entry: string, args: readonly string[] = []): MeshProcess =>
      stack.use(new MeshProcess({ name, entry, args, env, print: (line) => lines.push(line) }));

    await untilReady(start(servers.name, servers.entry), readyUrl(servers, env));
    await untilReady(start(simulator.name, "scripts/service.ts", [simulator.name]), `http://${addressOf(simulator, env)}/healthz`);
    for (const service of services) {
      await untilReady(start(service.name, "scripts/service.ts", [service.name]), readyUrl(service, env)).catch((error: unknown) => {
        throw new Error(lines.join("\n"), { cause: error });
      });
    }

    const { ALFRED_DEMO_KEY: key } = await loadSecrets(home, {});
    const edge = services.find(({ protocol }) => protocol === "http");
    const response = await fetch(`http://${addressOf(edge ?? simulator, env)}/v1/models`, { headers: { "x-api-key": key } });
    expect(response.status).toBe(200);
  });

  it("say in one sentence that no servers run, or that there is no such service", async () => {
    expect(await lastLine("wallet")).toBe("No servers run for this data folder; start them with `npm run servers` in another terminal.");
    expect(await lastLine("purse")).toMatch(/^No service is called "purse"; there are directory, .*, simulator\.$/);
  });

  async function lastLine(name: string): Promise<string> {
    const lines: string[] = [];
    const env = { PATH: process.env["PATH"], ALFRED_HOME: "/nowhere" };
    await using child = new MeshProcess({ name, entry: "scripts/service.ts", args: [name], env, print: (line) => lines.push(line) });
    expect(await child.ended).toBe("exit code 1");
    return lines.at(-1)?.split("| ")[1] ?? "";
  }

  async function environment(home: string): Promise<NodeJS.ProcessEnv> {
    const settings = [servers.metricsPort, simulator.port, ...services.flatMap(({ port, metricsPort }) => [port, metricsPort])];
    const ports: [string, string][] = [];
    for (const { variable } of settings) ports.push([variable, String(await freePort())]);
    return { PATH: process.env["PATH"], ALFRED_HOME: home, ...Object.fromEntries(ports) };
  }
});
