import type { Amount } from "../../../services/wallet/src/domain/amount.ts";
import type { BalanceKey } from "../../../services/wallet/src/domain/balance.ts";
import { balanceId } from "../../../services/wallet/src/domain/balance.ts";
import type { View } from "../../../services/wallet/src/domain/draft.ts";
import { Draft } from "../../../services/wallet/src/domain/draft.ts";
import { OperationJob } from "../../../services/wallet/src/domain/job.ts";
import type { Lease } from "../../../services/wallet/src/domain/lease.ts";
import type { SettleUsage } from "../../../services/wallet/src/domain/settle-usage.ts";
import { settleUsage } from "../../../services/wallet/src/domain/settle-usage.ts";
import type { Random } from "../random.ts";

/**
 * I7: the same settlements end in the same state, in whatever order, in however many pieces and however often they come.
 * Tries two ways on drafts of the books, which stay as they are.
 */
export function orderFaults(books: View, commands: readonly SettleUsage[], random: Random, nowMs: number): string[] {
  const pieces = commands.flatMap(piecesOf);
  const other = random.shuffled([...pieces, ...pieces.filter(() => random.chance(30))]);
  const [one, two] = [booksAfter(books, commands, nowMs), booksAfter(books, other, nowMs)];
  const balances = [...one.balances, ...two.balances].map(([, key]) => [balanceId(key), balanceState(one, key), balanceState(two, key)] as const);
  const leases = [...one.leases.keys(), ...two.leases.keys()].map((id) => [id, leaseState(one.lease(id)), leaseState(two.lease(id))] as const);
  return [...leases, ...balances]
    .filter(([, first, second]) => first !== second)
    .map(([key, first, second]) => `I7: ${key.replaceAll("\u0000", " ")} is ${first} in one order and ${second} in another`);
}

/** Each record by itself, and so the ceiling and the final. */
function piecesOf(command: SettleUsage): SettleUsage[] {
  const { records, ceiling, finalCount } = command;
  const nothing: SettleUsage = { ...command, records: [], ceiling: undefined, finalCount: undefined };
  return [
    nothing,
    ...records.map((record): SettleUsage => Object.assign({}, nothing, { records: [record] })),
    ...(ceiling === undefined ? [] : [{ ...nothing, ceiling }]),
    ...(finalCount === undefined ? [] : [{ ...nothing, finalCount }]),
  ];
}

function booksAfter(books: View, commands: readonly SettleUsage[], nowMs: number): Draft {
  const draft = new Draft(books);
  for (const command of commands) new OperationJob(settleUsage(command)).run(draft, nowMs);
  return draft;
}

function balanceState(books: View, key: BalanceKey): string {
  const { posted, held, suspense, overrun } = books.balance(key);
  return `posted ${posted}, held ${held}, suspense ${suspense}, overrun ${overrun}`;
}

/** How many records a closed lease was said to have says nothing any more. */
function leaseState(lease: Lease | undefined): string {
  if (lease === undefined) return "unknown";
  const { state, cap, drawn, charged, overrun, seen, records, expireTimeMs } = lease;
  const open = [...records].filter(([, record]) => record.isIndeterminate).map(([number]) => number);
  const amounts = [cap, drawn, charged, overrun].map(inWords).join(" ");
  const finalCount = state === "closed" ? undefined : lease.finalCount;
  return `${state} ${amounts} ${JSON.stringify([seen, finalCount, open.toSorted((one, other) => one - other), expireTimeMs])}`;
}

function inWords(amounts: readonly Amount[]): string {
  const parts = amounts.filter(({ value }) => value !== 0n).map(({ unit, value }) => `${value} ${unit}`);
  return `[${parts.toSorted().join(", ")}]`;
}
