/** Columns as wide as their widest cell; the first to the left, figures to the right, words to the left. */
export function table(title: string, rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isWords = (column: number): boolean => column === 0 || rows[0]?.[column] === "of which";
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (isWords(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd();
  return [title, ...rows.map((row) => `  ${line(row)}`)].join("\n");
}
