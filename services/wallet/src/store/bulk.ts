import type { Sql } from "@alfred/postgres";

/** A value that Postgres reads from an array parameter. */
type Field = string | number | bigint | boolean | null;

/** A column: its name, its type, and where a row holds its value. */
export interface Column<Row> {
  readonly name: string;
  /** The type in the parameter, cast to `target` where the two differ (an array of arrays cannot be a parameter). */
  readonly type: "text" | "bigint" | "numeric" | "integer" | "boolean" | "timestamptz";
  readonly target?: "text[]" | "jsonb";
  readonly of: (row: Row) => Field;
}

/** A statement whose parameters are numbered from `first` on, so that several can be sent as one. */
export interface Statement {
  readonly text: (first: number) => string;
  readonly values: readonly unknown[];
}

/** Writes any number of rows with one statement; `tail` says what happens on conflict. */
export function insertion<Row>(table: string, columns: readonly Column<Row>[], tail = ""): (rows: readonly Row[]) => Statement {
  const names = columns.map(({ name }) => name).join(", ");
  const selected = columns.map(({ name, target }) => (target === undefined ? name : `${name}::${target}`)).join(", ");
  const text = (first: number): string =>
    `INSERT INTO wallet.${table} (${names}) SELECT ${selected} FROM ${rowsOf(columns, first)} ${tail}`;
  return (rows) => ({ text, values: valuesOf(rows, columns) });
}

/** The rows of a statement as a table expression `row`, one array parameter per column. */
export function rowsOf(columns: ReadonlyArray<{ readonly name: string; readonly type: string }>, first = 1): string {
  const parameters = columns.map(({ type }, index) => `$${first + index}::${type}[]`).join(", ");
  return `unnest(${parameters}) AS row(${columns.map(({ name }) => name).join(", ")})`;
}

/** The array parameters of `rowsOf`. */
export function valuesOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): unknown[] {
  return columns.map(({ of }) => rows.map(of));
}

/** Sends statements on different rows as one, which costs one way to the server and back instead of one each. */
export async function runTogether(sql: Sql, statements: readonly Statement[]): Promise<void> {
  if (statements.length === 0) return;
  const values: unknown[] = [];
  const parts = statements.map((statement, index) => {
    const text = statement.text(values.length + 1);
    values.push(...statement.values);
    return `s${index} AS (${text})`;
  });
  await sql.query(`WITH ${parts.join(", ")} SELECT 1`, values);
}

/** A moment as Postgres reads it. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
