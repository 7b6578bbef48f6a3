// `npm run bench:rules`: what rules for routes cost a request, in CPU time of the whole mesh in one process: none, 10 and 1,000 of them, in one run.
// --quick for about a minute, --seed.
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { ConfigServiceService, PutRouteRuleRequest, RouteOperator } from "../../packages/contracts/src/index.ts";
import { createClient, socketTransport } from "../../packages/rpc/src/index.ts";
import { ownMicros, type Candidate } from "./candidate.ts";
import { Child } from "./child.ts";
import { type Load, measure } from "./measurement.ts";
import { type MeshCandidate, ROOT_KEY, startMeshCandidate } from "./mesh-candidate.ts";
import { chatBodies } from "./prompts.ts";
import { fullSettings, quickSettings } from "./settings.ts";
import { spreadOf } from "./statistics.ts";
import { table } from "./text-table.ts";

/** Rules that no request of the bench meets, so that each is looked at that may be. */
const KINDS = {
  "by model": (index: number) => [condition("model", `house-model-${index}`)],
  "by label and team": (index: number) => [condition("tag:feature", `feature-${index}`), condition("team", "team_of_nobody")],
};
const CASES = [
  { name: "none", count: 0, kind: "by model" },
  { name: "10 by model", count: 10, kind: "by model" },
  { name: "1,000 by model", count: 1_000, kind: "by model" },
  { name: "10 by label and team", count: 10, kind: "by label and team" },
  { name: "1,000 by label and team", count: 1_000, kind: "by label and team" },
] as const;

/** So many at once, of which each waits for its turn in the directory. */
const PUT_AT_ONCE = 8;

interface Case {
  readonly name: string;
  readonly candidate: Candidate;
  readonly micros: number[];
}

function condition(field: string, value: string) {
  return { field, operator: RouteOperator.ROUTE_OPERATOR_EQUALS, values: [value] };
}

async function putRules({ directoryAddress }: MeshCandidate, { count, kind }: (typeof CASES)[number]): Promise<void> {
  await using transport = socketTransport({ address: directoryAddress });
  const config = createClient(ConfigServiceService, transport, { token: ROOT_KEY });
  let next = 0;
  const put = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += 1;
      const rule = { ...PutRouteRuleRequest.create({ requestId: randomUUID(), ruleId: `r${index}` }), conditions: KINDS[kind](index), deny: "Not here." };
      await config.putRouteRule(rule);
    }
  };
  await Promise.all(Array.from({ length: PUT_AT_ONCE }, put));
}

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, seed: { type: "string", default: "1" } } });
const settings = (values.quick ? quickSettings : fullSettings)(Number(values.seed));
const { seed, requestBytes, requests, heatMs } = settings;

await using stack = new AsyncDisposableStack();
const upstream = stack.use(new Child("upstream.ts"));
const origin = await upstream.origin();
const generator = stack.use(new Child("load-generator.ts"));
const cases: Case[] = [];
for (const one of CASES) {
  process.stderr.write(`bench: a mesh with rules: ${one.name}\n`);
  const mesh = stack.use(await startMeshCandidate({ name: "one process", upstream: origin, profileFolder: undefined }));
  await putRules(mesh, one);
  cases.push({ name: one.name, candidate: mesh.candidate, micros: [] });
}
const load: Load = { bodies: chatBodies(seed, requestBytes, {}), arrivals: { kind: "closed", connections: requests.connections } };
for (const { candidate } of cases) await measure(generator, candidate, load, { warmMs: heatMs / 2, measureMs: heatMs / 2 });
for (let round = 0; round < requests.rounds; round += 1) {
  for (const { candidate, micros } of round % 2 === 0 ? cases : cases.toReversed()) {
    const { load: { requests: served }, spent } = await measure(generator, candidate, load, requests);
    micros.push(ownMicros(spent) / served);
  }
}
const medians = cases.map(({ micros }) => spreadOf(micros));
const none = medians[0]?.median ?? Number.NaN;
const rows = cases.map(({ name }, index) => {
  const { median = Number.NaN, min = Number.NaN, max = Number.NaN } = medians[index] ?? {};
  return [name, median.toFixed(1), `${min.toFixed(1)}-${max.toFixed(1)}`, (median / none).toFixed(3)];
});
process.stdout.write(`\n${table("CPU microseconds per request, whole mesh in one process", [["rules", "median", "range", "of none"], ...rows])}\n`);
