/**
 * What `node scripts/bootstrap.mjs <command>` runs. `packages` says what has to be installed for it: "start" is what
 * the services need in production, "all" adds the tools of development, "none" leaves that to the command.
 */
export const commands = {
  start: { entry: "services/all/src/main.ts", packages: "start" },
  mesh: { entry: "scripts/mesh.ts", packages: "all" },
  service: { entry: "scripts/service.ts", packages: "all" },
  servers: { entry: "scripts/servers/main.ts", packages: "all" },
  secrets: { entry: "scripts/secrets.ts", packages: "start" },
  test: { entry: "scripts/test.ts", packages: "all" },
  lint: { entry: "scripts/test.ts", args: ["--only", "contract-lint,lint,imports,unused"], packages: "all" },
  types: { entry: "scripts/test.ts", args: ["--only", "types"], packages: "all" },
  generate: { entry: "scripts/generate.ts", packages: "all" },
  bench: { entry: "scripts/bench/main.ts", packages: "all" },
  sim: { entry: "scripts/sim/main.ts", packages: "all" },
  fuzz: { entry: "services/gateway/tests/fuzz/main.ts", packages: "all" },
  "bench:failover": { entry: "scripts/bench/failover.ts", packages: "all" },
  "bench:rules": { entry: "scripts/bench/rules.ts", packages: "all" },
  "bench:wallet": { entry: "scripts/bench/wallet/main.ts", packages: "all" },
  chaos: { entry: "scripts/chaos/main.ts", packages: "all" },
  mutants: { entry: "scripts/mutants/main.ts", packages: "all" },
  // It depends on nothing but the pinned Node.
  "provider-sim": { entry: "packages/provider-sim/src/main.ts", packages: "none" },
  // The pinned pnpm itself, for changing dependencies.
  pnpm: { entry: undefined, packages: "none" },
};

export const usage = `Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join(" | ")}>`;
