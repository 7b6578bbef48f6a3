import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { providerVariables } from "../../services/directory/src/index.ts";
import { nodeVersion, pnpmVersion } from "../bootstrap/tools.mjs";
import { repositoryRoot } from "../repository.ts";
import { addressVariable } from "./environment.ts";
import { addressOf, reachableHost, services, simulator } from "./table.ts";
import type { ServiceEntry } from "./table.ts";

interface ComposeService {
  readonly build?: { readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
}

const rows = services.map((service) => [service.name, service] as const);

describe("the table of services", () => {
  it("gives every port once", () => {
    const ports = services.flatMap(({ port, metricsPort }) => [port.default, metricsPort.default]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it.each(rows)("says of %s what its own code says", (_, { entry, port, metricsPort, servers, peers }) => {
    const code = sourcesOf(entry);
    for (const { variable, default: number } of [port, metricsPort]) {
      expect(code).toContain(`env.port("${variable}", { fallback: ${number} })`);
    }
    const used = { postgres: "DATABASE_URL", redis: "REDIS_URL", nats: "NATS_URL" } as const;
    expect(servers.toSorted()).toEqual(keysOf(used).filter((server) => code.includes(`"${used[server]}"`)).toSorted());
    const called = [...code.matchAll(/env\.address\("(\w+)"/g)].map(([, peer]) => peer);
    expect(new Set(called)).toEqual(new Set(peers));
  });

  it("knows how a process of this machine reaches what listens everywhere", () => {
    expect(["", "0.0.0.0", "::", "::1", "10.0.0.1"].map((host) => reachableHost({ ALFRED_HOST: host }))).toEqual([
      "127.0.0.1",
      "127.0.0.1",
      "[::1]",
      "[::1]",
      "10.0.0.1",
    ]);
  });
});

describe("infra/compose.yaml", () => {
  const compose = parse(read("infra/compose.yaml"), { merge: true }) as { services: Record<string, ComposeService> };

  it("runs what the table lists, and its servers", () => {
    const names = [...services.map(({ name }) => name), simulator.name, "postgres", "redis", "nats"];
    expect(Object.keys(compose.services).toSorted()).toEqual(names.toSorted());
  });

  it.each(rows)("builds %s, waits for what it needs and tells it where its peers are", (name, service) => {
    const { build, environment = {}, depends_on: waitsFor = {} } = composed(name);
    expect(build?.target).toBe(name);
    const needs = [...service.servers, ...service.peers, ...(name === "directory" ? [simulator.name] : [])];
    expect(Object.keys(waitsFor).toSorted()).toEqual(needs.toSorted());
    expect(Object.values(waitsFor).every(({ condition }) => condition === "service_healthy")).toBe(true);
    for (const peer of services) expect(environment[addressVariable(peer.name)]).toBe(`${peer.name}:${peer.port.default}`);
  });

  it("publishes the edge and the gateway to this machine alone", () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    const expected = ["gateway", "edge"].map((name) => `${name} ${addressOf(entryOf(name), {})}:${entryOf(name).port.default}`);
    expect(published.toSorted()).toEqual(expected.toSorted());
  });

  function composed(name: string): ComposeService {
    return compose.services[name] ?? {};
  }
});

describe("a variable that switches a provider on", () => {
  it.each(providerVariables)("as %s is known to compose and Tilt", (variable) => {
    expect(read("infra/compose.yaml")).toContain(`  ${variable}: \${${variable}:-}\n`);
    expect(read("Tiltfile")).toContain(`"${variable}"`);
  });
});

describe("infra/docker/Dockerfile", () => {
  const dockerfile = read("infra/docker/Dockerfile");
  const stages = new Map(
    dockerfile
      .split(/^FROM /m)
      .slice(1)
      .map((stage) => [/^\S+ AS (\w+)/.exec(stage)?.[1] ?? "", stage] as const),
  );

  it.each(rows)("has a target for %s with its ports, its probe and its entry", (name, { entry: file, port, metricsPort }) => {
    const stage = stages.get(name);
    expect(stage).toMatch(/^runtime AS /);
    expect(stage).toContain(`EXPOSE ${port.default} ${metricsPort.default}\n`);
    expect(stage).toContain(`fetch('http://127.0.0.1:${metricsPort.default}/ready')`);
    expect(stage).toContain(`CMD ["node", "${file}"]\n`);
  });

  it("has a target for the simulator and no target that the table does not know", () => {
    expect(stages.get(simulator.name)).toContain(`CMD ["node", "${simulator.entry}"]`);
    const known = ["base", "installed", "runtime", simulator.name, ...services.map(({ name }) => name)];
    expect([...stages.keys()].toSorted()).toEqual(known.toSorted());
  });

  it("runs as an ordinary user, on the pinned Node, with sources outside node_modules", () => {
    expect(stages.get("runtime")).toContain("USER node\n");
    expect(dockerfile).toContain(`ARG NODE_VERSION=${nodeVersion}\n`);
    expect(dockerfile).toContain(`ARG PNPM_VERSION=${pnpmVersion}\n`);
    expect([...dockerfile.matchAll(/^WORKDIR (.*)$/gm)].map(([, folder]) => folder)).toEqual(["/alfred"]);
  });
});

describe("Tiltfile", () => {
  const tiltfile = read("Tiltfile");

  it("takes everything from the table and names no service itself", () => {
    expect(tiltfile).toContain('table = read_json("scripts/services.json")');
    expect(tiltfile).toContain('for service in table["services"]:');
    for (const { name, port, metricsPort } of services) {
      for (const word of [name, port.default, metricsPort.default]) expect(tiltfile).not.toMatch(new RegExp(`\\b${word}\\b`));
    }
  });

  it("uses only keys that the table has", () => {
    const table = JSON.parse(read("scripts/services.json")) as Record<string, unknown>;
    const used = [...tiltfile.matchAll(/(table|service|servers|simulator|port)\["(\w+)"\]/g)].map(([, of, key]) => `${of} ${key}`);
    const [service] = services;
    const has = { table, service: service ?? {}, servers: table["servers"], simulator, port: service?.port };
    const known = new Set(Object.entries(has).flatMap(([of, value]) => Object.keys(value ?? {}).map((key) => `${of} ${key}`)));
    expect(used.filter((key) => !known.has(key))).toEqual([]);
    expect(used.length).toBeGreaterThan(5);
  });
});

function entryOf(name: string): ServiceEntry {
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`the table has no ${name}`);
  return found;
}

/** A service's main.ts and config.ts, numbers without underscores. */
function sourcesOf(main: string): string {
  const folder = join(repositoryRoot, dirname(main));
  const files = readdirSync(folder).filter((file) => ["main.ts", "config.ts"].includes(file));
  expect(existsSync(join(repositoryRoot, main))).toBe(true);
  return files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll(/(\d)_(\d)/g, "$1$2")).join("\n");
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[];
}

function read(file: string): string {
  return readFileSync(join(repositoryRoot, file), "utf8");
}
