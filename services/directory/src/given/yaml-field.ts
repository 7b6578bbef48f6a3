/** A value of the configuration file: what it is, where it stands, and what is noted where it is something else. */
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { LineCounter, Node, Pair } from "yaml";

import { AlfredError } from "@alfred/errors";

import type { ConfigFileProblem } from "./config-file-error.ts";
import type { Place } from "./given.ts";

/** What all values of one file share. */
export interface YamlSource {
  readonly lines: LineCounter;
  readonly problems: ConfigFileProblem[];
}

/** A value under a name. What is wrong with it is noted and reading goes on, so that all problems show at once. */
export class YamlField {
  readonly #source: YamlSource;
  readonly #node: unknown;
  readonly #at: number;
  /** Its names from the outermost on: "providers.openai.base_url". */
  readonly path: string;

  /** @param at where to point where the value itself has no place, as an offset */
  constructor(source: YamlSource, node: unknown, at = 0, path = "") {
    this.#source = source;
    this.#node = node;
    this.#at = offsetOf(node) ?? at;
    this.path = path;
  }

  get place(): Place {
    const { line, col } = this.#source.lines.linePos(this.#at);
    return { line, column: col };
  }

  /** Whether there is no value, as behind a name that stands alone. */
  get isEmpty(): boolean {
    return this.#node === undefined || this.#node === null || (isScalar(this.#node) && this.#node.value === null);
  }

  get isMapping(): boolean {
    return isMap(this.#node);
  }

  /** What is wrong, to be told with its place. The message must not show the value. */
  problem(message: string): ConfigFileProblem {
    return { at: this.place, path: this.path, message };
  }

  /** Notes what is wrong. */
  note(message: string): void {
    this.#source.problems.push(this.problem(message));
  }

  /** The text, as a rule of the domain takes it; an empty one where it does not, which is noted. */
  text<Value>(rule: (value: string) => Value): Value | "" {
    if (isScalar(this.#node) && typeof this.#node.value === "string") return this.#taken(this.#node.value, rule) ?? "";
    this.note(isScalar(this.#node) && !this.isEmpty ? "expected a text; put it into quotes" : "expected a text");
    return "";
  }

  /** The number, as a rule of the domain takes it; undefined where it does not, which is noted. */
  number<Value>(rule: (value: number) => Value): Value | undefined {
    if (isScalar(this.#node) && typeof this.#node.value === "number") return this.#taken(this.#node.value, rule);
    this.note("expected a number");
    return undefined;
  }

  /** Whether it is "true"; false where it is neither that nor "false", which is noted. */
  flag(): boolean {
    if (isScalar(this.#node) && typeof this.#node.value === "boolean") return this.#node.value;
    this.note("expected true or false");
    return false;
  }

  /** A text, or a number as text; an empty one where it is neither, which is noted. */
  word(): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value === "string" || typeof value === "number") return String(value);
    this.note("expected a text or a number");
    return "";
  }

  /** The values of a list. */
  items(what: string): YamlField[] {
    if (this.isEmpty) return [];
    if (isSeq(this.#node)) return this.#node.items.map((item, index) => new YamlField(this.#source, item, this.#at, `${this.path}[${index}]`));
    this.note(`expected a list of ${what}`);
    return [];
  }

  #taken<Raw, Value>(value: Raw, rule: (value: Raw) => Value): Value | undefined {
    try {
      return rule(value);
    } catch (error) {
      if (!(error instanceof AlfredError)) throw error;
      this.note(`${error.message.replace(/^`[^`]+`: /, "")} ${error.hint}`.trim());
      return undefined;
    }
  }

  /** The values by name; names that are not among these are noted. */
  record(names: readonly string[]): ReadonlyMap<string, YamlField> {
    if (this.isEmpty) return new Map();
    const fields = new Map<string, YamlField>();
    for (const [name, field, key] of this.#pairs(names.join(", "))) {
      if (names.includes(name)) fields.set(name, field);
      else key.note(`not known here; expected ${names.length > 1 ? "one of " : ""}${names.join(", ")}`);
    }
    return fields;
  }

  /** The values by names of the operator's own, as a rule takes the names; nothing at all is no value. */
  entries(what: string, rule: (name: string) => string): [name: string, value: YamlField][] {
    if (this.isEmpty) return [];
    return this.#pairs(what).flatMap(([name, , key, pair]): [string, YamlField][] => {
      const id = key.text(rule);
      if (id === "") return [];
      return [[name, new YamlField(this.#source, pair.value, key.#at, this.#below(name))]];
    });
  }

  #pairs(expected: string): [name: string, value: YamlField, key: YamlField, pair: Pair][] {
    if (isAlias(this.#node)) this.note("expected the value itself; aliases are not taken");
    else if (!isMap(this.#node)) this.note(`expected a mapping with ${expected}`);
    if (!isMap(this.#node)) return [];
    const seen = new Set<string>();
    return this.#node.items.map((pair) => {
      const key = new YamlField(this.#source, pair.key, this.#at, this.path);
      const name = isScalar(pair.key) && typeof pair.key.value === "string" ? pair.key.value : "";
      if (seen.has(name)) key.note("stands here a second time; each name may stand once");
      seen.add(name);
      return [name, new YamlField(this.#source, pair.value, key.#at, this.#below(name)), key, pair];
    });
  }

  #below(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}

function offsetOf(node: unknown): number | undefined {
  const { range } = (node ?? {}) as Partial<Node>;
  // A value that is not there has a place behind its name, where nobody looks for it.
  return isScalar(node) && node.value === null ? undefined : range?.[0];
}
