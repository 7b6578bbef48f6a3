/** Where a text stops being JSON. */
export interface JsonFault {
  /** From 1 on. */
  readonly line: number;
  /** From 1 on, in UTF-16 code units. */
  readonly column: number;
  /** What would have been JSON there. */
  readonly expected: string;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** What may come next; each is its own description. */
const VALUE = "a value";
const ITEM = "a value or `]`";
const FIRST_NAME = 'a name in `"` or `}`';
const NAME = 'a name in `"`';
const COLON = "`:`";
const AFTER_PROPERTY = "`,` or `}`";
const AFTER_ITEM = "`,` or `]`";
const END = "nothing more";

/**
 * Finds where a text stops being JSON, as RFC 8259 has it; undefined where it never does. What the parser itself says
 * quotes the text, which may hold secrets. The text is walked once, without recursion.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const walk = new JsonWalk(text);
  walk.run();
  if (walk.isWhole) return undefined;
  const before = text.slice(0, walk.at);
  const line = before.split("\n").length;
  return { line, column: walk.at - (before.lastIndexOf("\n") + 1) + 1, expected: walk.expected };
}

class JsonWalk {
  readonly #text: string;
  /** The braces and brackets that are open. */
  readonly #open: ("{" | "[")[] = [];
  at = 0;
  expected = VALUE;

  constructor(text: string) {
    this.#text = text;
  }

  get isWhole(): boolean {
    return this.expected === END && this.at === this.#text.length;
  }

  /** Goes on to the end, or to what is not expected. */
  run(): void {
    let goesOn = true;
    while (goesOn) goesOn = this.#step();
  }

  /** Goes past one token, if it is one that is expected. */
  #step(): boolean {
    this.at = this.#after(SPACE);
    switch (this.expected) {
      case VALUE:
      case ITEM:
        return (this.expected === ITEM && this.#close("]")) || this.#value();
      case FIRST_NAME:
      case NAME:
        return (this.expected === FIRST_NAME && this.#close("}")) || this.#string(COLON);
      case COLON:
        return this.#sign(":", VALUE);
      case AFTER_PROPERTY:
        return this.#sign(",", NAME) || this.#close("}");
      case AFTER_ITEM:
        return this.#sign(",", VALUE) || this.#close("]");
      default:
        return false;
    }
  }

  #value(): boolean {
    const sign = this.#text[this.at];
    if (sign === "{" || sign === "[") {
      this.#open.push(sign);
      return this.#sign(sign, sign === "{" ? FIRST_NAME : ITEM);
    }
    if (sign === '"') return this.#string(this.#next());
    const end = Math.max(this.#after(NUMBER), this.#after(WORD));
    if (end === this.at) return false;
    this.#go(end, this.#next());
    return true;
  }

  /** What follows a value here. */
  #next(): string {
    const around = this.#open.at(-1);
    if (around === undefined) return END;
    return around === "{" ? AFTER_PROPERTY : AFTER_ITEM;
  }

  #close(sign: "}" | "]"): boolean {
    if (this.#text[this.at] !== sign) return false;
    this.#open.pop();
    this.#go(this.at + 1, this.#next());
    return true;
  }

  #sign(sign: string, next: string): boolean {
    if (this.#text[this.at] !== sign) return false;
    this.#go(this.at + 1, next);
    return true;
  }

  /** A string with its quotes; where it breaks, that place is the fault. */
  #string(next: string): boolean {
    if (this.#text[this.at] !== '"') return false;
    this.at += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code === 0x22) break;
      const end = code === 0x5c ? this.#after(ESCAPE) : this.at + 1;
      // Control characters have to be escaped; past the end there is no code.
      if (!(code >= 0x20) || end === this.at) {
        this.expected = 'the rest of a string, and `"`';
        return false;
      }
      this.at = end;
    }
    this.#go(this.at + 1, next);
    return true;
  }

  /** Where a match that begins here ends; here, where there is none. */
  #after(expression: RegExp): number {
    expression.lastIndex = this.at;
    return expression.test(this.#text) ? expression.lastIndex : this.at;
  }

  #go(at: number, expected: string): void {
    this.at = at;
    this.expected = expected;
  }
}
