import { UsageSource, type UsageRecord } from "../../../packages/contracts/src/index.ts";
import type { RequestRecord } from "../../../packages/provider-sim/src/index.ts";
import type { Tenant } from "../../cluster/admin-client.ts";
import type { AccountState, ChainState, Evidence } from "./evidence.ts";

/** What does not add up between the witnesses, a sentence each; empty where everything does. */
export function disagreements(evidence: Evidence, tenants: readonly Tenant[]): string[] {
  return [
    ...answersNotAccounted(evidence),
    ...callsNotCharged(evidence),
    ...ledgerAgainstMetering(evidence, tenants),
    ...evidence.accounts.flatMap(notAtRest),
    ...evidence.ledgerFaults.map((fault) => `the wallet finds a fault in its books: ${fault}`),
    ...(evidence.suspense === 0 ? [] : [`${evidence.suspense} leases are in suspense, though no journal was lost`]),
    ...brokenChains(evidence),
  ];
}

/** Every answer that a client got whole is one usage record, of the cost that the client was told. */
function answersNotAccounted({ calls, usage }: Evidence): string[] {
  const byRequest = Map.groupBy(usage, ({ requestId }) => requestId);
  return calls.filter(({ isWhole }) => isWhole).flatMap(({ marker, requestId = "", costNanos }) => {
    const charged = (byRequest.get(requestId) ?? []).filter(isCharged);
    if (costNanos === undefined) return [`${marker}: a whole answer told no cost`];
    if (charged.length !== 1) return [`${marker}: a whole answer has ${charged.length} charges in metering`];
    const found = charged[0]?.cost?.value;
    return found === costNanos ? [] : [`${marker}: the client was told ${costNanos}, metering keeps ${found}`];
  });
}

/** Every call that the provider served is charged, at its cost or as unknown, and nothing is charged twice. */
function callsNotCharged({ provider, usage }: Evidence): string[] {
  const charged = Map.groupBy(usage.filter(isCharged), markerOf);
  const served = Map.groupBy(provider.filter(mayBeBilled), markerIn);
  const twice = [...charged].filter(([, records]) => records.length > 1)
    .map(([marker, records]) => `${marker}: charged ${records.length} times: ${records.map(({ recordId }) => recordId).join(", ")}`);
  const free = [...served.keys()].filter((marker) => !charged.has(marker))
    .map((marker) => `${marker}: the provider was asked, and nothing is charged`);
  const repeated = [...served].filter(([, requests]) => requests.length > 1)
    .map(([marker, requests]) => `${marker}: the provider served it ${requests.length} times`);
  const invented = [...charged].filter(([marker, records]) => !served.has(marker) && !records.every(isIndeterminate))
    .map(([marker]) => `${marker}: charged at a stated cost, though the provider never served it`);
  return [...twice, ...free, ...repeated, ...invented];
}

/** At each level the ledger has posted exactly what metering's records come to. */
function ledgerAgainstMetering({ usage, accounts }: Evidence, tenants: readonly Tenant[]): string[] {
  const ids = tenants.flatMap(({ organisationId, teamId, keys }) => [organisationId, teamId, ...keys.map(({ id }) => id)]);
  return ids.flatMap((id) => {
    const below = usage.filter(({ path }) => path.includes(id));
    const nanos = sum(below.map(({ cost }) => cost?.value ?? 0n));
    const tokens = sum(below.flatMap(({ quantities }) => quantities.filter(({ meter }) => meter.endsWith("_tokens"))).map(({ quantity }) => quantity));
    return accounts.filter((account) => account.id === id).flatMap(({ unit, posted }) => {
      const metered = unit === "USD" ? nanos : tokens;
      return posted === metered ? [] : [`${id}: ${posted} ${unit} are posted, metering has ${metered}`];
    });
  });
}

/** At rest nothing is held, nothing is in doubt, and no limit is passed. */
function notAtRest({ id, unit, hard, posted, held, suspense, overrun }: AccountState): string[] {
  return [
    ...(held === 0n ? [] : [`${id}: ${held} ${unit} are held at rest`]),
    ...(suspense === 0n ? [] : [`${id}: ${suspense} ${unit} are in suspense at rest`]),
    ...(overrun === 0n ? [] : [`${id}: ${overrun} ${unit} were posted beyond what was held`]),
    ...(hard === undefined || posted <= hard ? [] : [`${id}: ${posted} ${unit} are posted on a limit of ${hard}`]),
  ];
}

/** Each chain verifies, has every source's events without a gap, and tells of every usage record once. */
function brokenChains({ chains, usage }: Evidence): string[] {
  return chains.flatMap((chain) => {
    const told = chain.events.flatMap(({ recordIds }) => recordIds);
    const kept = usage.filter(({ organisationId }) => organisationId === chain.organisationId).map(({ recordId }) => recordId);
    const untold = kept.filter((id) => !told.includes(id));
    return [
      ...(chain.isWhole ? [] : [`${chain.organisationId}: the audit chain does not verify`]),
      ...(new Set(told).size === told.length ? [] : [`${chain.organisationId}: the audit chain tells of a usage record twice`]),
      ...(untold.length === 0 ? [] : [`${chain.organisationId}: the audit chain does not tell of ${untold.length} usage records`]),
      ...gaps(chain),
    ];
  });
}

function gaps({ organisationId, events }: ChainState): string[] {
  return [...Map.groupBy(events, ({ source }) => source)]
    .filter(([, of]) => new Set(of.map(({ sourceSeq }) => sourceSeq)).size !== Number(of.reduce((most, { sourceSeq }) => (sourceSeq > most ? sourceSeq : most), 0n)))
    .map(([source]) => `${organisationId}: the audit chain lacks events of ${source}`);
}

/** Whether a record cost something. */
export function isCharged({ cost }: UsageRecord): boolean {
  return (cost?.value ?? 0n) > 0n;
}

/** Whether what a record cost is not known, so that its worst case stands for it. */
export function isIndeterminate({ source }: UsageRecord): boolean {
  return source === UsageSource.USAGE_SOURCE_INDETERMINATE;
}

function markerOf({ clientRequestId }: UsageRecord): string {
  return clientRequestId;
}

function markerIn({ body }: RequestRecord): string {
  return /marker ([\w-]+)/.exec(body)?.[1] ?? "";
}

/** All but what the provider refused: whoever was asked and did not get to answer may have billed. */
function mayBeBilled({ status, body }: RequestRecord): boolean {
  return (status === null || status === 200) && body !== "";
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
