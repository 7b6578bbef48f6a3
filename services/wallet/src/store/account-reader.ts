import type { Sql } from "@alfred/postgres";
import type { Account, AccountState } from "../domain/account.ts";
import type { Balance, BalanceKey } from "../domain/balance.ts";
import { balanceId, emptyBalance } from "../domain/balance.ts";
import { accountState } from "../domain/standing.ts";
import type { Calendar, Windows } from "../domain/window.ts";
import { instant } from "./bulk.ts";
import type { AccountRow, BalanceRow } from "./rows.ts";
import { ACCOUNT_COLUMNS, toAccount, toBalance } from "./rows.ts";

export interface AccountReaderParts {
  readonly sql: Sql;
  readonly now: () => number;
  readonly calendar: Calendar;
}

interface Found {
  readonly account: Account;
  readonly windows: Windows;
}

/** Reads accounts without a lock, for those who only want to look. */
export class AccountReader {
  readonly #parts: AccountReaderParts;

  constructor(parts: AccountReaderParts) {
    this.#parts = parts;
  }

  /** The account, or undefined where there is none. */
  async find(id: string): Promise<Account | undefined> {
    const found = await this.#find([id]);
    return found[0]?.account;
  }

  /** Where the accounts stand now; those that do not exist are left out. */
  async read(ids: readonly string[]): Promise<ReadonlyMap<string, AccountState>> {
    const found = await this.#find(ids);
    const balances = await this.#balances(found);
    const states = found.map(({ account, windows }) =>
      accountState(account, windows, (key: BalanceKey) => balances.get(balanceId(key)) ?? emptyBalance(key)),
    );
    return new Map(states.map((state) => [state.account.id, state]));
  }

  async #find(ids: readonly string[]): Promise<Found[]> {
    if (ids.length === 0) return [];
    const { sql, calendar, now } = this.#parts;
    const { rows } = await sql.query<AccountRow & { organisation_time_zone: string }>(
      `SELECT ${ACCOUNT_COLUMNS}, o.time_zone AS organisation_time_zone
       FROM wallet.accounts a JOIN wallet.accounts o ON o.id = a.organisation_id WHERE a.id = ANY($1)`,
      [ids],
    );
    const nowMs = now();
    return rows.map((row) => ({ account: toAccount(row), windows: calendar(row.organisation_time_zone, nowMs) }));
  }

  async #balances(found: readonly Found[]): Promise<ReadonlyMap<string, Balance>> {
    if (found.length === 0) return new Map();
    const { rows } = await this.#parts.sql.query<BalanceRow>(
      `SELECT b.* FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[]) AS a(id, day, week, month)
       CROSS JOIN LATERAL (VALUES ('day', a.day), ('week', a.week), ('month', a.month), ('none', 'epoch'::timestamptz)) AS w(period, start)
       JOIN wallet.balances b ON b.account_id = a.id AND b.period = w.period AND b.period_start = w.start`,
      [
        found.map(({ account }) => account.id),
        found.map(({ windows }) => instant(windows.day.startMs)),
        found.map(({ windows }) => instant(windows.week.startMs)),
        found.map(({ windows }) => instant(windows.month.startMs)),
      ],
    );
    return new Map(rows.map(toBalance).map((balance) => [balanceId(balance), balance]));
  }
}
