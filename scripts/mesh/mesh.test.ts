import { createServer } from "node:net";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../services/all/src/servers/free-port.ts";
import { startMesh } from "./mesh.ts";
import type { Mesh } from "./mesh.ts";
import { portOf, services } from "./table.ts";

describe("six processes", () => {
  const said: string[] = [];
  const printed: string[] = [];
  const output = { say: (line: string) => void said.push(line), print: (line: string) => void printed.push(line) };
  let home = "";
  let env: NodeJS.ProcessEnv = {};
  let mesh: Mesh;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "alfred mesh "));
    env = await meshEnv(home);
    mesh = await startMesh(env, output);
  });

  afterAll(async () => {
    await mesh[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  it("answer a metered request with the demo key", async () => {
    const response = await chat(mesh);
    expect(response.status, printed.join("\n")).toBe(200);
    expect(Number(response.headers.get("x-alfred-cost-usd"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ object: "chat.completion" });
  });

  it("refuse a second mesh on the same data folder with one sentence", async () => {
    const ports = await meshEnv(home);
    await expect(startMesh(ports, output)).rejects.toThrow(`Another Alfred uses the data folder ${home}; stop it`);
  });

  it("refuse a second mesh on the same ports with one sentence", async () => {
    const other = { ...env, ALFRED_HOME: join(home, "other") };
    await expect(startMesh(other, output)).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 cannot be had \(EADDRINUSE\); .* or set ALFRED_/);
  });

  it("say when one of them dies, and go on", async () => {
    const audit = mesh.processes.find(({ name }) => name === "audit");
    process.kill(audit?.pid ?? 0, "SIGKILL");
    await expect.poll(() => said, { timeout: 10_000 }).toContain("audit has ended (signal SIGKILL); the others go on");
    expect((await chat(mesh)).status).toBe(200);
  });

  it("name the servers that run for them", () => {
    expect(mesh.banner.real).toEqual(["Postgres (started here)", "NATS (started here)", "Redis (started here)"]);
    expect(mesh.banner.embedded).toEqual(["provider (the bundled simulator)"]);
  });
});

describe("a mesh that cannot start", () => {
  const output = { say: () => undefined, print: () => undefined };
  let home = "";

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "alfred-mesh-"));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  it("refuses stand-ins in production", async () => {
    const env = { ALFRED_ENV: "production", ALFRED_HOME: home, DATABASE_URL: "postgres://x", OPENAI_API_KEY: "x" };
    await expect(startMesh(env, output)).rejects.toThrow("set REDIS_URL, NATS_URL.");
  });

  it("refuses what is no port", async () => {
    await expect(startMesh({ ALFRED_HOME: home, ALFRED_EDGE_PORT: "eighty" }, output)).rejects.toThrow(
      'ALFRED_EDGE_PORT is "eighty"; it must be a port from 1 to 65535.',
    );
  });

  it("says which process ended before it was ready, and leaves nothing running", async () => {
    const env = { ...(await meshEnv(home)), ALFRED_MASTER_KEY: "0".repeat(40) };
    await expect(startMesh(env, output)).rejects.toThrow("directory ended before it was ready (exit code 1)");
    for (const service of services) await expectFree(portOf(service.port, env));
  });
});

function chat({ banner }: Mesh): Promise<Response> {
  return fetch(`${banner.edgeUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${banner.demoKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: banner.model, messages: [{ role: "user", content: "Hello" }] }),
  });
}

/** No server given, so that the mesh starts its own, and ports that nobody else uses. */
async function meshEnv(home: string): Promise<NodeJS.ProcessEnv> {
  const settings = services.flatMap(({ port, metricsPort }) => [port.variable, metricsPort.variable]);
  const ports: [string, string][] = [];
  for (const variable of settings) ports.push([variable, String(await freePort())]);
  return { PATH: process.env["PATH"], ALFRED_HOME: home, ...Object.fromEntries(ports) };
}

async function expectFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
}
