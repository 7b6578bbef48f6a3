import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { providerTables } from "./matrix.ts";

/** What people wrote, with the generated tables between its marks. */
export const providerDocument: string = join("docs", "providers.md");

/** Whether the document below `root` has the tables that the code gives. */
export async function isFresh(root: string): Promise<boolean> {
  const text = await readFile(join(root, providerDocument), "utf8");
  return text === withTables(text);
}

/** Writes the tables anew; what stands around them stays. */
export async function writeProviderDocument(root: string): Promise<void> {
  const file = join(root, providerDocument);
  await writeFile(file, withTables(await readFile(file, "utf8")));
}

/** @throws Error where a table has no place */
function withTables(text: string): string {
  let written = text;
  for (const [name, table] of providerTables()) {
    const [begin, end] = [`<!-- generated: ${name} -->\n`, `<!-- end of ${name} -->`];
    const [before, rest] = split(written, begin);
    const [, after] = split(rest, end);
    written = `${before}${begin}${table}${end}${after}`;
  }
  return written;
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`${providerDocument} lacks the mark ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
