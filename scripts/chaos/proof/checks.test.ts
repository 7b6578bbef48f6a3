import { describe, expect, it } from "vitest";
import { Unit, UsageRecord, UsageSource } from "../../../packages/contracts/src/index.ts";
import type { RequestRecord } from "../../../packages/provider-sim/src/index.ts";
import type { SentCall } from "../load.ts";
import { disagreements } from "./checks.ts";
import type { AccountState, ChainState, Evidence } from "./evidence.ts";

const tenants = [{ organisationId: "org", teamId: "team", keys: [{ id: "key", secret: "" }] }];
const path = ["key", "team", "org"];

function usageOf(marker: string, nanos: bigint, changes: Partial<UsageRecord> = {}): UsageRecord {
  return UsageRecord.fromPartial({
    recordId: `${marker}/1`, requestId: `req_${marker}`, clientRequestId: marker, organisationId: "org", path,
    cost: { unit: Unit.UNIT_USD, value: nanos }, source: UsageSource.USAGE_SOURCE_REPORTED, ...changes,
  });
}

function callOf(marker: string, costNanos: bigint): SentCall {
  return { marker, keyId: "key", isIdempotent: false, status: 200, isWhole: true, requestId: `req_${marker}`, costNanos, code: "" };
}

function servedOf(marker: string): RequestRecord {
  const shared = { sequence: 1, startedAtMs: 0, dialect: "openai", method: "POST", path: "/v1/chat/completions", headers: {}, model: null, bodyTruncated: false, stream: false };
  return { ...shared, body: `marker ${marker}"`, attempt: 1, fault: null, status: 200, chunksSent: 0, clientDisconnected: false, finishedAtMs: 0 };
}

function stateOf(id: string, unit: "USD" | "TOKENS", posted: bigint, changes: Partial<AccountState> = {}): AccountState {
  return { id, unit, hard: undefined, posted, held: 0n, suspense: 0n, overrun: 0n, ...changes };
}

/** Two answered requests on which everybody agrees. */
function agreed(): Evidence {
  const usage = [usageOf("a", 5n), usageOf("b", 7n)];
  return {
    calls: [callOf("a", 5n), callOf("b", 7n)],
    provider: [servedOf("a"), servedOf("b")],
    usage,
    accounts: path.flatMap((id) => [stateOf(id, "USD", 12n), stateOf(id, "TOKENS", 0n)]),
    ledgerFaults: [],
    suspense: 0,
    chains: [chainOf()],
  };
}

const TOLD: ChainState["events"][number] = { source: "metering", sourceSeq: 1n, recordIds: ["a/1", "b/1"] };

function chainOf(changes: Partial<ChainState> = {}): ChainState {
  return { organisationId: "org", isWhole: true, events: [TOLD], ...changes };
}

const withUsage = (usage: readonly UsageRecord[]): Evidence => ({ ...agreed(), usage });
const withAccount = (changes: Partial<AccountState>): Evidence => {
  const [first, ...others] = agreed().accounts;
  return { ...agreed(), accounts: first === undefined ? others : [{ ...first, ...changes }, ...others] };
};

describe("witnesses", () => {
  it("that agree leave nothing to say", () => {
    expect(disagreements(agreed(), tenants)).toEqual([]);
  });

  it("agree on an attempt whose end nobody knows, whether or not the provider was asked", () => {
    const evidence = agreed();
    const unknown = usageOf("c", 9n, { source: UsageSource.USAGE_SOURCE_INDETERMINATE });
    const accounts = path.flatMap((id) => [stateOf(id, "USD", 21n), stateOf(id, "TOKENS", 0n)]);
    const chains = [chainOf({ events: [TOLD, { source: "metering", sourceSeq: 2n, recordIds: ["c/1"] }] })];
    expect(disagreements({ ...evidence, usage: [...evidence.usage, unknown], accounts, chains }, tenants)).toEqual([]);
  });

  it.each<readonly [string, Evidence, string]>([
    ["an answer without a charge", withUsage([usageOf("a", 5n)]), "b: a whole answer has 0 charges"],
    ["an answer charged at another cost", withUsage([usageOf("a", 5n), usageOf("b", 8n)]), "b: the client was told 7, metering keeps 8"],
    ["a charge that comes twice", withUsage([...agreed().usage, usageOf("b", 7n, { recordId: "b/2", requestId: "req_other" })]), "b: charged 2 times"],
    ["a call of the provider that nobody pays", { ...agreed(), provider: [...agreed().provider, servedOf("c")] }, "c: the provider was asked, and nothing is charged"],
    ["a call of the provider made twice", { ...agreed(), provider: [...agreed().provider, servedOf("b")] }, "b: the provider served it 2 times"],
    ["a charge for what the provider never served", { ...agreed(), provider: [servedOf("a")] }, "b: charged at a stated cost"],
    ["a ledger that says another sum", withAccount({ posted: 11n }), "key: 11 USD are posted, metering has 12"],
    ["money held at rest", withAccount({ held: 1n }), "key: 1 USD are held at rest"],
    ["money in suspense", withAccount({ suspense: 1n }), "key: 1 USD are in suspense"],
    ["money posted beyond its hold", withAccount({ overrun: 1n }), "key: 1 USD were posted beyond"],
    ["a limit that is passed", withAccount({ hard: 11n }), "key: 12 USD are posted on a limit of 11"],
    ["a fault that the wallet finds", { ...agreed(), ledgerFaults: ["I4"] }, "the wallet finds a fault"],
    ["a lease in suspense", { ...agreed(), suspense: 1 }, "1 leases are in suspense"],
    ["a chain that does not verify", { ...agreed(), chains: [chainOf({ isWhole: false })] }, "does not verify"],
    ["an event that is missing", { ...agreed(), chains: [chainOf({ events: [{ ...TOLD, sourceSeq: 2n }] })] }, "lacks events of metering"],
    ["a record that the chain does not tell of", { ...agreed(), chains: [chainOf({ events: [] })] }, "does not tell of 2 usage records"],
  ])("tell of %s", (_, evidence, sentence) => {
    expect(disagreements(evidence, tenants).join("\n")).toContain(sentence);
  });
});
