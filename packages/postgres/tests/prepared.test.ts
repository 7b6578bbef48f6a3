import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPool, isConflict, transaction } from "../src/index.ts";
import type { DatabasePool } from "../src/index.ts";
import { FrequentStatements } from "../src/preparing-client.ts";
import { TestDatabase, log } from "./test-database.ts";

const select = "SELECT * FROM things WHERE id = $1";
let database: TestDatabase;
let pool: DatabasePool;

beforeAll(async () => {
  database = await TestDatabase.create();
  const place = database.place("public");
  await database.execute(`CREATE ROLE ${place.role} SUPERUSER`);
  // One connection, so that what it prepared can be asked of it.
  pool = createPool({ ...place, log, maxConnections: 1 });
  await pool.query("CREATE TABLE things (id int PRIMARY KEY, name text)");
  await pool.query("INSERT INTO things VALUES (1, 'one')");
});

afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function prepared(): Promise<string[]> {
  const { rows } = await pool.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements");
  return rows.map(({ statement }) => statement);
}

describe("a statement", () => {
  test("is prepared once it comes often, and answers as before", async () => {
    for (let time = 0; time < 5; time += 1) await pool.query(select, [1]);
    expect(await prepared()).toEqual([]);
    for (let time = 0; time < 3; time += 1) expect((await pool.query(select, [1])).rows).toEqual([{ id: 1, name: "one" }]);
    expect(await prepared()).toEqual([select]);
  });

  test("whose table was changed meanwhile fails as a conflict once, so that a transaction with it succeeds", async () => {
    await pool.query("ALTER TABLE things ADD COLUMN colour text");
    const failure = await pool.query(select, [1]).catch((error: unknown) => error);
    expect(isConflict(failure)).toBe(true);
    expect((await pool.query(select, [1])).rows).toEqual([{ id: 1, name: "one", colour: null }]);
  });

  test("in a transaction is run again by it", async () => {
    const sum = "SELECT t.*, $1::int AS given FROM things t";
    for (let time = 0; time < 6; time += 1) await pool.query(sum, [1]);
    await pool.query("ALTER TABLE things ADD COLUMN weight int");
    const { rows } = await transaction(pool, (client) => client.query(sum, [2]));
    expect(rows).toEqual([{ id: 1, name: "one", colour: null, weight: null, given: 2 }]);
  });

  test("that fails says what was wrong", async () => {
    for (let time = 0; time < 8; time += 1) await expect(pool.query("SELECT 1 / $1::int", [0])).rejects.toThrow("division by zero");
  });
});

describe("statements that are put together anew each time", () => {
  test("are not remembered without bound", () => {
    const statements = new FrequentStatements();
    for (let number = 0; number < 10_000; number += 1) for (let time = 0; time < 7; time += 1) statements.nameOf(`SELECT ${number}`);
    expect(statements.nameOf("SELECT 1")).toBeDefined();
    expect(statements.nameOf("SELECT 9999")).toBeUndefined();
  });
});
