import { acquire } from "../../../services/wallet/src/domain/acquire.ts";
import type { Amount, Unit } from "../../../services/wallet/src/domain/amount.ts";
import { UNITS, valueOf } from "../../../services/wallet/src/domain/amount.ts";
import { used } from "../../../services/wallet/src/domain/balance.ts";
import { Draft } from "../../../services/wallet/src/domain/draft.ts";
import { checkInvariants } from "../../../services/wallet/src/domain/invariants.ts";
import { OperationJob } from "../../../services/wallet/src/domain/job.ts";
import type { Lease } from "../../../services/wallet/src/domain/lease.ts";
import type { MemoryBooks } from "../../../services/wallet/src/domain/memory-books.ts";
import { amountsOf, idsAbove, ORGANISATION, PATHS, pathSpec } from "../accounts.ts";
import { expectNone } from "../auditor.ts";
import { identityOf } from "../identity.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Tally } from "../tally.ts";
import { GRACE_MS, TTL_MS } from "../times.ts";
import { costOf, knowledgeOf, leaseName, sum } from "./leases.ts";

/** I10 and what a budget is for: once all is quiet nothing is held, all is charged, and the rest can be spent. `present` are gateways whose journals are there. */
export function expectAtRest(books: MemoryBooks, present: ReadonlySet<string>, world: Surroundings): void {
  expectNone(checkInvariants(books));
  expectNone(openFaults(books, present));
  expectNone(chargeFaults(books, world));
  expectNone(spendFaults(books, world));
}

/** What is left of leases: nothing open, and in suspense only what a lost journal left. */
function openFaults(books: MemoryBooks, present: ReadonlySet<string>): string[] {
  return [...books.leases.values()].flatMap((lease) => {
    if (lease.state === "closed") return [];
    if (lease.state === "open") return [`I10: ${leaseName(lease)} is still open`];
    return lease.isLost || !present.has(lease.gatewayId) ? [] : [`I10: ${leaseName(lease)} is in suspense although its journal is there`];
  });
}

/** What was posted at the root is what records cost, what they could have cost where nobody knows, and what operators advanced. */
function chargeFaults(books: MemoryBooks, { tally }: Surroundings): string[] {
  const charges = [...books.leases.values()].flatMap((lease) => chargesOf(lease, tally));
  const posted = (unit: Unit): bigint => books.balance({ accountId: ORGANISATION, unit, period: "none", periodStartMs: 0 }).posted;
  return UNITS.filter((unit) => posted(unit) !== valueOf(sum(charges), unit)).map(
    (unit) => `I10: ${posted(unit)} ${unit} are posted, and records and operators say ${valueOf(sum(charges), unit)}`,
  );
}

function chargesOf(lease: Lease, tally: Tally): Array<readonly Amount[]> {
  const known = [...tally.ofLease(lease.id).values()].filter(({ number }) => knowledgeOf(lease, number) !== "nothing");
  return [lease.advance, ...known.map((record) => (knowledgeOf(lease, record.number) === "actual" ? costOf(record) : amountsOf(record.worst)))];
}

/** Each leaf can still be granted all that the limits above it leave, to the last unit. */
function spendFaults(books: MemoryBooks, { agenda, counters }: Surroundings): string[] {
  return PATHS.flatMap((_, leaf) => {
    const lefts = UNITS.flatMap((unit) => leftAt(books, leaf, unit, agenda.nowMs));
    if (lefts.every(({ value }) => value <= 0n)) return [];
    counters.count("rule: the rest of a budget can be spent");
    const job = new OperationJob(acquire(wholeRest(leaf, lefts)));
    const draft = new Draft(books);
    draft.putGateway({ id: "probe", incarnation: 1n, startId: "probe" });
    job.run(draft, agenda.nowMs);
    const outcome = job.outcome();
    return outcome.ok && outcome.value.type === "granted" ? [] : [`I10: of ${pathSpec(leaf).accounts[0]?.id} ${lefts.map(({ unit, value }) => `${value} ${unit}`).join(", ")} are left and cannot be had`];
  });
}

/** The least that a limit on the path leaves; nothing where no limit counts the unit. */
function leftAt(books: MemoryBooks, leaf: number, unit: Unit, nowMs: number): Amount[] {
  const spec = pathSpec(leaf);
  const windows = books.calendar(spec.timeZone, nowMs);
  const lefts = idsAbove(spec.accounts[0]?.id ?? "").flatMap((accountId) =>
    (books.account(accountId)?.limits ?? []).flatMap(({ hard, period, unit: limited }) => {
      if (hard === undefined || limited !== unit) return [];
      return [hard - used(books.balance({ accountId, unit, period, periodStartMs: windows[period].startMs }))];
    }),
  );
  const [first, ...others] = lefts;
  if (first === undefined) return [];
  const least = others.reduce((one, other) => (one < other ? one : other), first);
  return [{ unit, value: least > 0n ? least : 0n }];
}

function wholeRest(leaf: number, lefts: readonly Amount[]): Parameters<typeof acquire>[0] {
  return {
    identity: identityOf("AcquireLease", `probe of ${leaf}`),
    origin: { actor: "service", requestId: "probe" },
    leaseId: "probe",
    transferId: "probe",
    gatewayId: "probe",
    incarnation: 1n,
    path: pathSpec(leaf),
    demands: lefts.map(({ unit, value }) => ({ unit, wanted: value, minimum: value })),
    ttlMs: TTL_MS,
    graceMs: GRACE_MS,
    activeGateways: () => 1,
    isLast: true,
  };
}
