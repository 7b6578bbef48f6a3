import type { Amount } from "../../../services/wallet/src/domain/amount.ts";
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
  const [one, two] = [stateAfter(books, commands, nowMs), stateAfter(books, other, nowMs)];
  return [...one].filter(([key, state]) => two.get(key) !== state).map(([key, state]) => `I7: ${key} is ${state} in one order and ${two.get(key)} in another`);
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

function stateAfter(books: View, commands: readonly SettleUsage[], nowMs: number): Map<string, string> {
  const draft = new Draft(books);
  for (const command of commands) new OperationJob(settleUsage(command)).run(draft, nowMs);
  const balances = [...draft.balances.values()].map((balance): [string, string] => {
    const { posted, held, suspense, overrun } = balance;
    return [balanceId(balance).replaceAll("\u0000", " "), `posted ${posted}, held ${held}, suspense ${suspense}, overrun ${overrun}`];
  });
  const leases = [...draft.leases.values()].map((lease): [string, string] => [lease.id, leaseState(lease)]);
  return new Map([...balances, ...leases]);
}

function leaseState({ state, cap, drawn, charged, overrun, seen, finalCount, records, expireTimeMs }: Lease): string {
  const open = [...records].filter(([, record]) => record.isIndeterminate).map(([number]) => number);
  const amounts = [cap, drawn, charged, overrun].map(inWords).join(" ");
  return `${state} ${amounts} ${JSON.stringify([seen, finalCount, open.toSorted((one, other) => one - other), expireTimeMs])}`;
}

function inWords(amounts: readonly Amount[]): string {
  const parts = amounts.filter(({ value }) => value !== 0n).map(({ unit, value }) => `${value} ${unit}`);
  return `[${parts.toSorted().join(", ")}]`;
}
