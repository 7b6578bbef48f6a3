import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rules } from "./rules.ts";
import { violations } from "./violations.ts";

/** One import that must be refused: the file that holds it and the file or package that it names. */
const seeded: readonly (readonly [rule: string, from: string, to: string])[] = [
  ["resolvable", "services/edge/src/service.ts", "left-pad"],
  ["contracts-import-nothing", "packages/contracts/src/index.ts", "packages/money/src/index.ts"],
  ["leaves-import-leaves", "packages/money/src/index.ts", "packages/rpc/src/index.ts"],
  ["middle-imports-leaves", "packages/telemetry/src/index.ts", "packages/postgres/src/index.ts"],
  ["adapters-import-downwards", "packages/redis/src/index.ts", "packages/provider-sim/src/index.ts"],
  ["packages-import-no-service", "packages/provider-sim/src/index.ts", "services/edge/src/index.ts"],
  ["services-meet-in-the-contract", "services/wallet/src/context.ts", "services/directory/src/index.ts"],
  ["no-scripts-in-production", "services/edge/src/service.ts", "scripts/repository.ts"],
  ["front-door-only", "services/edge/src/service.ts", "packages/rpc/src/server.ts"],
  ["scripts-use-front-doors", "scripts/bench/main.ts", "services/wallet/src/domain/account.ts"],
  ["simulator-runs-pure-cores", "scripts/sim/world.ts", "services/gateway/src/journal/journal.ts"],
  ["domain-is-pure", "services/wallet/src/domain/account.ts", "packages/postgres/src/index.ts"],
  ["domain-is-pure", "services/wallet/src/domain/account.ts", "services/wallet/src/store/accounts.ts"],
  ["domain-is-pure", "services/wallet/src/domain/account.ts", "@grpc/grpc-js"],
  ["rpc-knows-no-store", "services/wallet/src/rpc/reserve.ts", "services/wallet/src/store/accounts.ts"],
  ["store-knows-no-rpc", "services/wallet/src/store/accounts.ts", "services/wallet/src/rpc/mappers.ts"],
  ["grpc-stays-in-rpc", "services/edge/src/service.ts", "@grpc/grpc-js"],
  ["no-tests-in-production", "services/edge/src/service.ts", "services/edge/src/service.test.ts"],
  ["no-development-dependencies-in-production", "services/edge/src/service.ts", "openai"],
];

const allowed: readonly (readonly [from: string, to: string])[] = [
  ["packages/errors/src/index.ts", "packages/contracts/src/index.ts"],
  ["packages/rpc/src/index.ts", "@grpc/grpc-js"],
  ["services/all/src/compose.ts", "services/wallet/src/index.ts"],
  ["services/wallet/src/context.ts", "services/wallet/src/store/accounts.ts"],
  ["services/wallet/src/rpc/reserve.ts", "services/wallet/src/domain/account.ts"],
  ["services/wallet/src/rpc/reserve.ts", "services/wallet/src/rpc/mappers.ts"],
  ["services/wallet/src/store/accounts.ts", "services/wallet/src/domain/account.ts"],
  ["services/edge/tests/chat.test.ts", "openai"],
  ["scripts/sim/world.ts", "services/wallet/src/domain/account.ts"],
  ["scripts/sim/world.ts", "services/gateway/src/leases/lease-core.ts"],
];

describe("imports", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred-imports-"));
    await Promise.all(["packages", "services", "scripts"].map((folder) => mkdir(join(root, folder))));
    await installPackage("@grpc/grpc-js");
    await installPackage("openai");
    const dependencies = { dependencies: { "@grpc/grpc-js": "1.0.0" }, devDependencies: { openai: "1.0.0" } };
    await write("package.json", JSON.stringify(dependencies));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("has a seeded violation for every rule", () => {
    const seeds = new Set([...seeded.map(([rule]) => rule), "no-circles"]);
    expect(seeds).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it.each(seeded)("are refused by %s: %s to %s", async (rule, from, to) => {
    await importing(from, to);
    expect((await violations(root)).map((violation) => violation.rule)).toContain(rule);
  });

  it("are refused when they run in a circle, types included", async () => {
    await importing("services/edge/src/one.ts", "services/edge/src/two.ts");
    await write("services/edge/src/two.ts", `import type { one } from "./one.ts";\nexport type Two = typeof one;\n`);
    expect((await violations(root)).map(({ rule }) => rule)).toContain("no-circles");
  });

  it.each(allowed)("are allowed from %s to %s", async (from, to) => {
    await importing(from, to);
    expect(await violations(root)).toEqual([]);
  });

  async function importing(from: string, to: string): Promise<void> {
    const isFile = to.endsWith(".ts");
    if (isFile) await write(to, "export const imported = 1;\n");
    const name = isFile ? relative(dirname(from), to) : to;
    const specifier = isFile && !name.startsWith(".") ? `./${name}` : name;
    await write(from, `import { imported } from "${specifier}";\nexport const one = imported;\n`);
  }

  async function installPackage(name: string): Promise<void> {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    await write(`node_modules/${name}/index.js`, "exports.imported = 1;\n");
  }

  async function write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
});
