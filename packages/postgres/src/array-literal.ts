/**
 * Texts as the literal that Postgres casts to `text[]`: an array of arrays cannot be a parameter, so the inner ones go
 * as text. Control characters, which JSON writes otherwise than Postgres, must not be among them.
 */
export function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => JSON.stringify(item)).join(",")}}`;
}
