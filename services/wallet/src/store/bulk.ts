/** A value that Postgres reads from an array parameter. */
type Field = string | number | bigint;

/** A column: its name, its type, and where a row holds its value. */
export interface Column<Row> {
  readonly name: string;
  /** The type in the parameter, cast to `target` where the two differ (an array of arrays cannot be a parameter). */
  readonly type: "text" | "bigint" | "numeric" | "integer" | "timestamptz";
  readonly target?: "text[]" | "jsonb";
  readonly of: (row: Row) => Field;
}

export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Writes any number of rows with one statement; `tail` says what happens on conflict. */
export function insertion<Row>(table: string, columns: readonly Column<Row>[], tail = ""): (rows: readonly Row[]) => Statement {
  const names = columns.map(({ name }) => name).join(", ");
  const selected = columns.map(({ name, target }) => (target === undefined ? name : `${name}::${target}`)).join(", ");
  const text = `INSERT INTO wallet.${table} (${names}) SELECT ${selected} FROM ${rowsOf(columns)} ${tail}`;
  return (rows) => ({ text, values: valuesOf(rows, columns) });
}

/** The rows of a statement as a table expression `row`, one array parameter per column. */
export function rowsOf(columns: ReadonlyArray<{ readonly name: string; readonly type: string }>): string {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
  return `unnest(${parameters}) AS row(${columns.map(({ name }) => name).join(", ")})`;
}

/** The array parameters of `rowsOf`. */
export function valuesOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): unknown[] {
  return columns.map(({ of }) => rows.map(of));
}

/** A text array as the literal that Postgres casts to `text[]`; ids hold no control characters, so JSON's quoting fits. */
export function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => JSON.stringify(item)).join(",")}}`;
}

/** A moment as Postgres reads it. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
