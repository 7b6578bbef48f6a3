import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";

const EVERY_MS = 100;
const TIMEOUT_MS = 2_000;

/** One snapshot of all limits for all time that are passed by what is spent, held and in doubt. */
const PASSED = `
  SELECT l.account_id || ' ' || l.unit || ': ' || (b.posted + b.held + b.suspense) || ' of ' || l.hard AS passed
  FROM wallet.limits l JOIN wallet.balances b USING (account_id, unit, period)
  WHERE l.period = 'none' AND l.hard IS NOT NULL AND b.posted + b.held + b.suspense > l.hard`;

/** Looks again and again, while the load runs, whether a limit is passed anywhere; a database that is away is looked at later. */
export async function watchLimits(databaseUrl: string, stop: AbortSignal): Promise<{ readonly looks: number; readonly passed: readonly string[] }> {
  const passed = new Set<string>();
  let looks = 0;
  while (!stop.aborted) {
    const found = await look(databaseUrl).catch(() => undefined);
    if (found !== undefined) looks += 1;
    for (const text of found ?? []) passed.add(text);
    await delay(EVERY_MS);
  }
  return { looks, passed: [...passed] };
}

async function look(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  // A server that is killed breaks the connection; the query says so too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<{ passed: string }>(PASSED)).rows.map((row) => row.passed);
  } finally {
    await client.end().catch(() => undefined);
  }
}
