import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  arrayLiteral,
  createPool,
  Database,
  isCheckViolation,
  isConflict,
  isForeignKeyViolation,
  isUnavailable,
  isUniqueViolation,
  migrate,
  transaction,
} from "../src/index.ts";
import type { DatabasePlace, DatabasePool } from "../src/index.ts";
import { TestDatabase, TestMigrations, log } from "./test-database.ts";

const tables = `
  CREATE TABLE accounts (id text PRIMARY KEY, balance bigint NOT NULL CONSTRAINT not_below_zero CHECK (balance >= 0));
  CREATE TABLE entries (id text PRIMARY KEY, account_id text NOT NULL REFERENCES accounts (id));
`;

let database: TestDatabase;
let place: DatabasePlace;
let pool: DatabasePool;
beforeAll(async () => {
  database = await TestDatabase.create();
  await using migrations = await TestMigrations.create({ "0001_accounts.sql": tables });
  place = database.place("books");
  await migrate({ ...place, directory: migrations.directory, log });
  pool = createPool({ ...place, log, statementTimeoutMs: 5_000 });
  await pool.query("INSERT INTO accounts VALUES ('a', 100), ('b', 100), ('c', 0)");
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function failure(act: Promise<unknown>): Promise<unknown> {
  return await act.then(() => undefined, (error: unknown) => error);
}

async function balance(id: string): Promise<bigint | undefined> {
  const { rows } = await pool.query<{ balance: bigint }>("SELECT balance FROM accounts WHERE id = $1", [id]);
  return rows[0]?.balance;
}

describe("values", () => {
  test("are exact: int8 is a bigint, numeric a text", async () => {
    const { rows } = await pool.query(
      "SELECT 9223372036854775807::int8 AS most, ARRAY[1, NULL, -9223372036854775808]::int8[] AS some, 0.1::numeric AS tenth, $1::int8 AS given",
      [2n ** 62n],
    );
    expect(rows).toEqual([{ most: 2n ** 63n - 1n, some: [1n, null, -(2n ** 63n)], tenth: "0.1", given: 2n ** 62n }]);
  });
});

describe("a transaction", () => {
  test("is kept when it succeeds and undone when it fails", async () => {
    await transaction(pool, (client) => client.query("UPDATE accounts SET balance = 1 WHERE id = 'c'"));
    const failing = transaction(pool, async (client) => {
      await client.query("UPDATE accounts SET balance = 2 WHERE id = 'c'");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await balance("c")).toBe(1n);
  });

  test("that deadlocks is run again", async () => {
    const met = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    let runs = 0;
    const move = (from: "a" | "b", to: "a" | "b"): Promise<void> =>
      transaction(pool, async (client) => {
        runs += 1;
        await client.query("UPDATE accounts SET balance = balance - 10 WHERE id = $1", [from]);
        met[from].resolve();
        await met[to].promise;
        await client.query("UPDATE accounts SET balance = balance + 10 WHERE id = $1", [to]);
      });
    await Promise.all([move("a", "b"), move("b", "a")]);
    expect(runs).toBeGreaterThan(2);
    expect([await balance("a"), await balance("b")]).toEqual([100n, 100n]);
  });

  test("that cannot be serialised is run again, as often as told", async () => {
    const reading = Promise.withResolvers<void>();
    let reads = 0;
    const add = async (client: PoolClient): Promise<void> => {
      const { rows } = await client.query<{ balance: bigint }>("SELECT balance FROM accounts WHERE id = 'c'");
      reads += 1;
      if (reads >= 2) reading.resolve();
      await reading.promise;
      await client.query("UPDATE accounts SET balance = $1 WHERE id = 'c'", [(rows[0]?.balance ?? 0n) + 1n]);
    };
    const before = (await balance("c")) ?? 0n;
    const options = { isolation: "serializable" } as const;
    await Promise.all([transaction(pool, add, options), transaction(pool, add, options)]);
    expect(await balance("c")).toBe(before + 2n);
    expect(reads).toBe(3);

    let attempts = 0;
    const losing = transaction(pool, async (client) => {
      attempts += 1;
      await client.query("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$");
    }, { retries: 2 });
    expect(isConflict(await failure(losing))).toBe(true);
    expect(attempts).toBe(3);
  });

  test("whose connection is cut rejects, and the pool goes on", async () => {
    const cut = transaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const gone = new Promise((resolve) => client.once("end", resolve));
      await database.execute(`SELECT pg_terminate_backend(${rows[0]?.pid})`);
      await gone;
      await client.query("SELECT 1");
    });
    expect(await failure(cut)).toBeInstanceOf(Error);
    expect(await balance("a")).toBe(100n);
  });
});

test("a database says whether it is there", async () => {
  await using nowhere = createPool({ ...place, url: "postgres://nobody@127.0.0.1:1/none", log });
  expect(await new Database(pool).isThere()).toBe(true);
  expect(await new Database(nowhere).isThere()).toBe(false);
});

test("texts become an array of Postgres as they are", async () => {
  const texts = ["plain", "", "with, comma", "{braces}", 'a "quote"', "back\\slash", "NULL", "ünïcode"];
  const { rows } = await pool.query<{ texts: string[] }>("SELECT $1::text::text[] AS texts", [arrayLiteral(texts)]);
  expect(rows[0]?.texts).toEqual(texts);
});

describe("a failure tells what it is", () => {
  test("a row that exists", async () => {
    const error = await failure(pool.query("INSERT INTO accounts VALUES ('a', 1)"));
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, "accounts_pkey")).toBe(true);
    expect(isUniqueViolation(error, "entries_pkey")).toBe(false);
  });

  test("a row that does not exist", async () => {
    expect(isForeignKeyViolation(await failure(pool.query("INSERT INTO entries VALUES ('e', 'z')")))).toBe(true);
  });

  test("a value that is not allowed", async () => {
    expect(isCheckViolation(await failure(pool.query("UPDATE accounts SET balance = -1")), "not_below_zero")).toBe(true);
  });

  test("a server that is not there, or no database", async () => {
    await using nowhere = createPool({ ...place, url: "postgres://nobody@127.0.0.1:1/none", log });
    expect(isUnavailable(await failure(nowhere.query("SELECT 1")))).toBe(true);
    expect(isUnavailable(await failure(pool.query("SELECT 1 FROM nothing")))).toBe(false);
    expect(isUnavailable("a text")).toBe(false);
  });

  test("a connection that the server ended", async () => {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const ended = failure(client.query("SELECT pg_sleep(30)"));
    await database.execute(`SELECT pg_terminate_backend(${rows[0]?.pid})`);
    expect(isUnavailable(await ended)).toBe(true);
    client.release(true);
  });

  test("a pool with no connection left", async () => {
    await using small = createPool({ ...place, log, maxConnections: 1, connectionTimeoutMs: 1_000 });
    const client = await small.connect();
    expect(isUnavailable(await failure(small.query("SELECT 1")))).toBe(true);
    client.release();
  });

  test("a statement that takes too long", async () => {
    await using hasty = createPool({ ...place, log, statementTimeoutMs: 20 });
    await expect(hasty.query("SELECT pg_sleep(30)")).rejects.toMatchObject({ code: "57014" });
  });
});
