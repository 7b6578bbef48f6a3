import type { IForbiddenRuleType } from "dependency-cruiser";

// Which file may import which. Imports point one way, services meet only in the contract, and each rule here is
// held by a seeded violation in scripts/architecture/rules.test.ts.

const leaves = "^packages/(contracts|errors|ids|money|config)/";
const middle = "^packages/(rpc|telemetry|lifecycle)/";
const adapters = "^packages/(postgres|redis|nats|openai)/";
const services = "^services/";
const tests = "(\\.test\\.ts$|/tests/)";

/** The rules of who may import whom, each refused import an error. */
export const rules: IForbiddenRuleType[] = [
  {
    name: "no-circles",
    comment: "A circle has no first file to read.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "resolvable",
    comment: "What is imported must exist and be declared.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "contracts-import-nothing",
    comment: "Generated code stands below everything else.",
    severity: "error",
    from: { path: "^packages/contracts/", pathNot: tests },
    to: { path: "^(packages|services|scripts)/", pathNot: "^packages/contracts/" },
  },
  {
    name: "leaves-import-leaves",
    comment: "contracts, errors, ids, money and config know nothing of what is built on them.",
    severity: "error",
    from: { path: leaves, pathNot: tests },
    to: { path: "^(packages|services|scripts)/", pathNot: leaves },
  },
  {
    name: "middle-imports-leaves",
    comment: "rpc, telemetry and lifecycle know no adapter and no service.",
    severity: "error",
    from: { path: middle, pathNot: tests },
    to: { path: "^(packages|services|scripts)/", pathNot: [leaves, middle] },
  },
  {
    name: "adapters-import-downwards",
    comment: "Adapters know no service; the simulator is for those who run the mesh.",
    severity: "error",
    from: { path: adapters, pathNot: tests },
    to: { path: "^(packages|services|scripts)/", pathNot: [leaves, middle, adapters] },
  },
  {
    name: "packages-import-no-service",
    comment: "Packages stand below services.",
    severity: "error",
    from: { path: "^packages/", pathNot: tests },
    to: { path: "^(services|scripts)/" },
  },
  {
    name: "services-meet-in-the-contract",
    comment: "No service imports another; only `all` composes them, and nothing imports `all`.",
    severity: "error",
    from: { path: "^services/([^/]+)/", pathNot: "^services/all/" },
    to: { path: services, pathNot: "^services/$1/" },
  },
  {
    name: "no-scripts-in-production",
    comment: "What ships does not need the development scripts.",
    severity: "error",
    from: { path: "^(packages|services)/", pathNot: tests },
    to: { path: "^scripts/" },
  },
  {
    name: "front-door-only",
    comment: "A package or service is used through its index.ts.",
    severity: "error",
    from: { path: "^(packages|services)/([^/]+)/" },
    to: { path: "^(packages|services)/[^/]+/", pathNot: ["^$1/$2/", "^(packages|services)/[^/]+/src/index\\.ts$"] },
  },
  {
    name: "scripts-use-front-doors",
    comment: "So do scripts, but for those that start the whole house and for the simulator.",
    severity: "error",
    from: { path: "^scripts/", pathNot: "^scripts/sim/" },
    to: { path: services, pathNot: ["^services/all/", "^services/[^/]+/src/index\\.ts$"] },
  },
  {
    name: "simulator-runs-pure-cores",
    comment: "The simulator runs the rules of money themselves, and nothing that knows a clock, a socket or a disk.",
    severity: "error",
    from: { path: "^scripts/sim/" },
    to: { path: services, pathNot: ["^services/wallet/src/domain/", "^services/gateway/src/leases/", "^services/gateway/src/domain/charge\\.ts$"] },
  },
  {
    name: "domain-is-pure",
    comment: "Rules of the business know neither wire nor storage.",
    severity: "error",
    from: { path: "^services/[^/]+/src/domain/", pathNot: tests },
    to: {
      path: [
        "^services/[^/]+/src/(rpc|store)/",
        "^services/[^/]+/src/(context|service|main)\\.ts$",
        "^packages/(postgres|redis|nats)/",
        "(^|/)node_modules/(pg|ioredis|undici|@nats-io/[^/]+|@grpc/[^/]+)/",
      ],
    },
  },
  {
    name: "rpc-knows-no-store",
    comment: "Inside a service rpc -> domain <- store; only context.ts, service.ts and main.ts join them.",
    severity: "error",
    from: { path: "^services/[^/]+/src/rpc/", pathNot: tests },
    to: { path: "^services/[^/]+/src/(store/|(context|service|main)\\.ts$)" },
  },
  {
    name: "store-knows-no-rpc",
    comment: "The other half of the rule before it.",
    severity: "error",
    from: { path: "^services/[^/]+/src/store/", pathNot: tests },
    to: { path: "^services/[^/]+/src/(rpc/|(context|service|main)\\.ts$)" },
  },
  {
    name: "grpc-stays-in-rpc",
    comment: "Handlers are neutral to the transport: grpc-js is bound in packages/rpc alone.",
    severity: "error",
    from: { path: "^(packages|services)/", pathNot: ["^packages/(rpc|contracts)/", tests] },
    to: { path: "(^|/)node_modules/@grpc/grpc-js/" },
  },
  {
    name: "no-tests-in-production",
    comment: "Nothing imports a test but another test.",
    severity: "error",
    from: { path: "^(packages|services|scripts)/", pathNot: tests },
    to: { path: tests },
  },
  {
    name: "no-development-dependencies-in-production",
    comment: "`npm start` installs no development dependencies.",
    severity: "error",
    from: { path: "^(packages|services)/", pathNot: tests },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm"] },
  },
];
