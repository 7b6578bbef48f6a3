import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPool, migrate } from "../src/index.ts";
import type { DatabasePlace, DatabasePool } from "../src/index.ts";
import { TestDatabase, TestMigrations, log } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => (database = await TestDatabase.create()));
afterAll(() => database[Symbol.asyncDispose]());

const files = {
  "0001_things.sql": "CREATE TABLE things (id text PRIMARY KEY, detail jsonb NOT NULL DEFAULT '{}');",
  "0002_more.sql": "-- A second one.\nALTER TABLE things ADD COLUMN size bigint;\nCREATE INDEX things_by_size ON things (size);",
};

function open(place: DatabasePlace): DatabasePool {
  return createPool({ ...place, log });
}

async function tablesOf(place: DatabasePlace): Promise<string[]> {
  await using pool = open(place);
  const { rows } = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tableowner = $2 ORDER BY 1",
    [place.schema, place.role],
  );
  return rows.map(({ name }) => name);
}

describe("migrating", () => {
  test("makes role, schema and tables, and a second time nothing", async () => {
    await using migrations = await TestMigrations.create(files);
    const place = database.place("fresh");
    await migrate({ ...place, directory: migrations.directory, log });
    await migrate({ ...place, directory: migrations.directory, log });
    expect(await tablesOf(place)).toEqual(["migration_checksums", "migrations", "things"]);
  });

  test("can be done by six processes at once", async () => {
    await using migrations = await TestMigrations.create(files);
    const place = database.place("crowd");
    const others = Array.from({ length: 3 }, (_, index) => database.place(`crowd_${index}`));
    const starts = [place, place, place, ...others].map((each) => migrate({ ...each, directory: migrations.directory, outbox: true, log }));
    await Promise.all(starts);
    await using pool = open(place);
    const { rows } = await pool.query("SELECT name FROM migrations ORDER BY id");
    expect(rows.map(({ name }: { name?: string }) => name)).toEqual(["0000_outbox", "0001_things", "0002_more"]);
  });

  test("makes one role for two databases at once", async () => {
    await using migrations = await TestMigrations.create(files);
    await using second = await TestDatabase.create();
    const place = database.place("twin");
    const both = [place, { ...place, url: second.url }];
    await Promise.all(both.map((each) => migrate({ ...each, directory: migrations.directory, log })));
    expect(await tablesOf(both[1] ?? place)).toContain("things");
    // Its tables hold the role, which is dropped with the first.
    await second.execute(`DROP OWNED BY ${place.role}`);
  });

  test("goes on from where it was", async () => {
    await using migrations = await TestMigrations.create({ "0001_things.sql": files["0001_things.sql"] });
    const place = database.place("growing");
    await migrate({ ...place, directory: migrations.directory, log });
    await migrations.write("0002_more.sql", files["0002_more.sql"]);
    await migrate({ ...place, directory: migrations.directory, log });
    await using pool = open(place);
    const { rows } = await pool.query("INSERT INTO things (id, size) VALUES ('a', 1) RETURNING size");
    expect(rows).toEqual([{ size: 1n }]);
  });

  test("applies all or nothing, and says where it broke", async () => {
    await using migrations = await TestMigrations.create({ ...files, "0003_broken.sql": "ALTER TABLE nothing ADD COLUMN a text;" });
    const place = database.place("broken");
    const options = { ...place, directory: migrations.directory, log };
    await expect(migrate(options)).rejects.toThrow(/a migration of broken failed, and none was applied: .*ALTER TABLE nothing/s);
    expect(await tablesOf(place)).not.toContain("things");
    await migrations.write("0003_broken.sql", "ALTER TABLE things ADD COLUMN a text;");
    await migrate(options);
    expect(await tablesOf(place)).toContain("things");
  });
});

describe("migrating is refused", () => {
  test("where an applied migration was changed", async () => {
    await using migrations = await TestMigrations.create(files);
    const place = database.place("changed");
    await migrate({ ...place, directory: migrations.directory, log });
    await migrations.write("0001_things.sql", "CREATE TABLE things (id text);");
    const again = migrate({ ...place, directory: migrations.directory, log });
    await expect(again).rejects.toThrow("the migration 0001_things of changed was changed after it was applied");
  });

  test("where the database is from a newer version", async () => {
    await using migrations = await TestMigrations.create(files);
    const place = database.place("newer");
    await migrate({ ...place, directory: migrations.directory, log });
    await migrations.remove("0002_more.sql");
    const again = migrate({ ...place, directory: migrations.directory, log });
    await expect(again).rejects.toThrow("the database is from a newer version: newer has the migration 0002_more");
  });

  test("where a migration was put before an applied one", async () => {
    await using migrations = await TestMigrations.create({ "0002_more.sql": files["0001_things.sql"] });
    const place = database.place("late");
    await migrate({ ...place, directory: migrations.directory, log });
    await migrations.write("0001_late.sql", "SELECT 1;");
    const again = migrate({ ...place, directory: migrations.directory, log });
    await expect(again).rejects.toThrow("the migration 0001_late of late sorts before 0002_more");
  });

  test("where a file has no number", async () => {
    await using migrations = await TestMigrations.create({ "things.sql": "SELECT 1;" });
    const start = migrate({ ...database.place("nameless"), directory: migrations.directory, log });
    await expect(start).rejects.toThrow("the migration things.sql must be named as");
  });

  test("where the schema is another's", async () => {
    await using migrations = await TestMigrations.create(files);
    await database.execute("CREATE SCHEMA taken");
    const start = migrate({ ...database.place("taken"), directory: migrations.directory, log });
    await expect(start).rejects.toThrow(/the schema taken belongs to \w+, not to test_taken/);
  });

  test("where the user may not make roles", async () => {
    await using migrations = await TestMigrations.create(files);
    const user = database.role("plain");
    await database.execute(`CREATE ROLE ${user} LOGIN PASSWORD 'plain'`);
    const url = new URL(database.url);
    url.username = user;
    url.password = "plain";
    const start = migrate({ ...database.place("forbidden"), url: url.href, directory: migrations.directory, log });
    await expect(start).rejects.toThrow(/the database user may not make the role test_forbidden_\w+ and its schema forbidden/);
  });

  test("for names that are not plain", async () => {
    const place = { ...database.place("plain"), schema: "a; DROP SCHEMA b" };
    await expect(migrate({ ...place, directory: "/nowhere", log })).rejects.toThrow("is not a name for a schema or role");
  });
});

test("a user that may make roles and schemas is enough", async () => {
  await using migrations = await TestMigrations.create(files);
  const user = database.role("maker");
  await database.execute(`CREATE ROLE ${user} LOGIN CREATEROLE PASSWORD 'maker'`);
  await database.execute(`GRANT CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${user}`);
  const url = new URL(database.url);
  url.username = user;
  url.password = "maker";
  const place = { ...database.place("made"), url: url.href };
  await migrate({ ...place, directory: migrations.directory, log });
  expect(await tablesOf(place)).toContain("things");
});

test("a role owns its schema and cannot look into another's", async () => {
  await using migrations = await TestMigrations.create(files);
  const [mine, other] = [database.place("mine"), database.place("other")];
  for (const place of [mine, other]) await migrate({ ...place, directory: migrations.directory, log });
  await using pool = open(mine);
  await pool.query("INSERT INTO things (id) VALUES ('a')");
  const { rows } = await pool.query("SELECT count(*) AS count FROM mine.things");
  expect(rows).toEqual([{ count: 1n }]);
  await expect(pool.query("SELECT * FROM other.things")).rejects.toThrow("permission denied for schema other");
  await expect(pool.query("CREATE TABLE other.mine (id text)")).rejects.toThrow("permission denied for schema other");
});
