import { type AlfredError, fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";
import { type FormPart, utf8 } from "./multipart.ts";

/** A file of a form. */
interface FormFile {
  /** As its sender has it, empty where it has none. */
  readonly filename: string;
  /** What it is said to be, empty where nothing is said. */
  readonly contentType: string;
  readonly content: Buffer;
}

/** A form: what it says as JSON would, and its files by the names of their fields. */
export interface Form {
  readonly json: Record<string, unknown>;
  readonly files: ReadonlyMap<string, readonly FormFile[]>;
}

/** Fields that are no text in JSON, by name. */
export type FormKinds = Readonly<Record<string, "number" | "flag">>;

type Json = Record<string, unknown>;

/** Most characters of a name, and most steps in it. */
const MAX_NAME = 256;
const MAX_STEPS = 4;
/** `name`, `name[key]`, `name[]`. */
const NAME = /^[\w.-]+(?:\[[\w.-]+\])*(?:\[\])?$/;

/**
 * Reads the parts of a form: `name[]`, said again and again, is a list, `name[key]` a field of an object. A number or a
 * flag is text in a form; one that is none stays text, for whoever reads it to refuse.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function toForm(parts: readonly FormPart[], kinds: FormKinds): Form {
  const json: Json = blank();
  const files = new Map<string, FormFile[]>();
  for (const { name, filename, contentType, content } of parts) {
    const [first = "", ...rest] = stepsOf(name);
    if (filename === undefined) put(json, first, rest, typed(utf8(content, `what \`${first}\` says`), rest.length === 0 ? kinds[first] : undefined));
    else addFile(files, name, { filename, contentType, content });
  }
  for (const name of files.keys()) if (Object.hasOwn(json, name)) throw saidTwice(name);
  return { json, files };
}

function stepsOf(name: string): string[] {
  const steps = name.split(/\]?\[|\]$/).slice(0, name.endsWith("]") ? -1 : undefined);
  if (NAME.test(name) && name.length <= MAX_NAME && steps.length <= MAX_STEPS) return steps;
  throw fail("INVALID_ARGUMENT", `The name of a field must be at most ${MAX_NAME} letters, digits and any of \`_-.\`, with at most ${MAX_STEPS - 1} steps in brackets.`, { metadata: { field: "name" } });
}

/** Says a value where its name leads: the last step is empty in a list. */
function put(into: Json, step: string, [next, ...rest]: readonly string[], value: unknown): void {
  const before = into[step];
  if (next === undefined) {
    if (before !== undefined) throw saidTwice(step);
    into[step] = value;
  } else if (next === "") {
    if (before !== undefined && !Array.isArray(before)) throw saidTwice(step);
    into[step] = [...((before ?? []) as unknown[]), value];
  } else {
    if (before !== undefined && !isObject(before)) throw saidTwice(step);
    put((into[step] ??= blank()) as Json, next, rest, value);
  }
}

function addFile(files: Map<string, FormFile[]>, name: string, file: FormFile): void {
  const field = name.replace(/\[\]$/, "");
  const before = files.get(field) ?? [];
  if (before.length > 0 && field === name) throw saidTwice(field);
  files.set(field, [...before, file]);
}

function typed(text: string, kind: "number" | "flag" | undefined): unknown {
  if (kind === "number" && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  return kind === "flag" && /^(?:true|false)$/i.test(text) ? text.toLowerCase() === "true" : text;
}

/** Without a prototype, which a field's name could change. */
function blank(): Json {
  return Object.create(null) as Json;
}

function saidTwice(field: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` is said more than once.`, { hint: `Say it once, or each item of a list as \`${field}[]\`.`, metadata: { field } });
}
