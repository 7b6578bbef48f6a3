/** The configuration file as YAML: its outline, and what is wrong with its syntax. */
import { LineCounter, parseDocument } from "yaml";
import type { YAMLError } from "yaml";

import { YamlField } from "./yaml-field.ts";
import type { YamlSource } from "./yaml-field.ts";

/** Said without the library's own messages, which may quote the file and with it a secret. */
const SYNTAX: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  BAD_INDENT: "not indented as what it belongs to",
  BLOCK_AS_IMPLICIT_KEY: "a mapping cannot begin here; check the indentation, and put texts with a colon into quotes",
  MISSING_CHAR: "something is missing here: a quote, a bracket, a comma or a colon",
  MULTILINE_IMPLICIT_KEY: "expected a colon behind a name, on the same line",
  MULTIPLE_DOCS: "expected one document; remove what stands from the --- on",
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "indent with spaces, not tabs",
  TAG_RESOLVE_FAILED: "tags are not taken",
  UNEXPECTED_TOKEN: "cannot stand here; check quotes, brackets and indentation",
};

/** What leaves the outline as it is, so that the rest can be looked at nevertheless. */
const HARMLESS: ReadonlySet<YAMLError["code"]> = new Set(["TAG_RESOLVE_FAILED"]);

/** The file's outermost value; undefined where the syntax is so wrong that nothing can be told of it. Problems are noted in the source. */
export function parseYaml(text: string): { readonly source: YamlSource; readonly root: YamlField | undefined } {
  const source: YamlSource = { lines: new LineCounter(), problems: [] };
  const document = parsed(text, source.lines);
  if (document === undefined) {
    source.problems.push({ at: { line: 1, column: 1 }, path: "", message: "nested too deeply" });
    return { source, root: undefined };
  }
  const errors = [...document.errors, ...document.warnings];
  for (const { code, pos } of errors) {
    const { line, col } = source.lines.linePos(pos[0]);
    source.problems.push({ at: { line, column: col }, path: "", message: SYNTAX[code] ?? `not YAML as it is understood here (${code})` });
  }
  const isBroken = errors.some(({ code }) => !HARMLESS.has(code));
  return { source, root: isBroken ? undefined : new YamlField(source, document.contents) };
}

function parsed(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | undefined {
  try {
    // Names that stand twice are found while the outline is walked: the library compares each with each.
    return parseDocument(text, { version: "1.2", schema: "core", prettyErrors: false, uniqueKeys: false, lineCounter });
  } catch (error) {
    // The library descends by recursion.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
