import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findServer } from "./binaries.ts";
import { startServers } from "./index.ts";
import { lineProbe } from "./line-probe.ts";

describe("startServers", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred servers "));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("starts real servers that answer, and stops them", async () => {
    const servers = await startServers();
    expect(await query(servers.databaseUrl, "select current_database() as name")).toEqual([{ name: "alfred" }]);
    expect(await lineProbe(portOf(servers.redisUrl), "PING")).toBe("+PONG");
    expect(await lineProbe(portOf(servers.natsUrl), "")).toMatch(/^INFO .*"jetstream":true/);
    await servers[Symbol.asyncDispose]();
    await expect(lineProbe(portOf(servers.redisUrl), "PING")).rejects.toThrow("ECONNREFUSED");
    await expect(query(servers.databaseUrl, "select 1")).rejects.toThrow("ECONNREFUSED");
  });

  it("keeps data and password in a folder, also one with a space in its path", async () => {
    const dataFolder = join(root, "data");
    const first = await startServers({ dataFolder });
    await query(first.databaseUrl, "create table kept (id int)");
    await first[Symbol.asyncDispose]();
    await using again = await startServers({ dataFolder });
    expect(await query(again.databaseUrl, "select * from kept")).toEqual([]);
  });

  it("starts only what is not given", async () => {
    const given = { databaseUrl: "postgres://elsewhere/alfred", natsUrl: "nats://elsewhere:4222" };
    await using servers = await startServers({ given });
    expect(servers).toMatchObject(given);
    expect([...servers.started.keys()]).toEqual(["redis"]);
  });

  it("lets nobody in without the password", async () => {
    await using servers = await startServers({ given: { redisUrl: "redis://x", natsUrl: "nats://x" } });
    const wrong = new URL(servers.databaseUrl);
    wrong.password = "wrong";
    await expect(query(wrong.href, "select 1")).rejects.toThrow("password authentication failed");
  });

  it("stops the servers when their owner is killed", async () => {
    const module = JSON.stringify(new URL("index.ts", import.meta.url).href);
    const script = `import { startServers } from ${module};
      const servers = await startServers({ given: { databaseUrl: "postgres://x", natsUrl: "nats://x" } });
      console.log(servers.redisUrl); setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = (await once(owner.stdout, "data")) as [Buffer];
    owner.kill("SIGKILL");
    const answers = (): Promise<boolean> => lineProbe(portOf(url.toString().trim()), "PING").then(() => true, () => false);
    await expect.poll(answers, { timeout: 20_000 }).toBe(false);
  });

  it("says why a server does not start", async () => {
    const dataFolder = join(root, "broken");
    await using servers = await startServers({ dataFolder });
    const second = startServers({ dataFolder, given: { redisUrl: servers.redisUrl, natsUrl: servers.natsUrl } });
    await expect(second).rejects.toThrow(/Postgres did not start: .*postmaster\.pid/);
  });

  it("keeps the password to the account that runs Postgres", async () => {
    await using _ = await startServers({ dataFolder: root, given: { redisUrl: "redis://x", natsUrl: "nats://x" } });
    const { mode } = await stat(join(root, "postgres", "password"));
    expect(mode & 0o077).toBe(0);
  });
});

describe("findServer", () => {
  it("finds programs that are not in PATH", async () => {
    const program = await findServer("postgres", "");
    await expect(access(program ?? "")).resolves.toBeUndefined();
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
