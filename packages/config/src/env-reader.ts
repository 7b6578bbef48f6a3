import type { ConfigProblem } from "./config-error.ts";

/** Variables by name; an empty one counts as not set. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What to use where the variable is not set; `undefined` makes it optional. Without it the variable must be set. */
export interface Fallback<Value> {
  readonly fallback?: Value;
}

/** What a value of its own kind looks like. */
export interface Custom<Value> {
  /** Completes "expected …": "32 bytes as base64 or hex". */
  readonly expected: string;
  /** The value, or undefined where the text is not one. */
  readonly parse: (text: string) => Value | undefined;
  /** Keeps what was found out of the message. */
  readonly secret?: boolean;
}

interface Range {
  /** The least and the greatest value allowed. */
  readonly min?: number;
  readonly max?: number;
}

const mostShown = 60;
const highestPort = 65_535;
const minTokenLength = 32;
const decimalPattern = /^\d+(?:\.\d+)?$/;
const booleans: Readonly<Record<string, boolean>> = { true: true, "1": true, yes: true, false: false, "0": false, no: false };

/**
 * Reads typed values out of an environment. A value that is missing or wrong is noted and reading goes on, so that
 * all problems show at once: use it through `readEnv`, which throws them together.
 */
export class EnvReader {
  readonly #env: Env;
  readonly #problems: ConfigProblem[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  /** What was wrong so far. */
  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** The variable of a name that is only known later, as from a file; undefined where it is not set. */
  variable(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  /** Any text. */
  string<Or extends string | undefined = string>(name: string, options: Fallback<Or> = {}): string | Or {
    return this.#read(name, options, { expected: "a text", parse: (text) => text });
  }

  /** A whole number, within a range if one is given. */
  integer<Or extends number | undefined = number>(name: string, options: Range & Fallback<Or> = {}): number | Or {
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
    const parse = (text: string): number | undefined => {
      const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    };
    return this.#read(name, options, { expected: `a whole number${rangeText(options)}`, parse });
  }

  /** A TCP port; 0, which means any free one, is allowed. */
  port<Or extends number | undefined = number>(name: string, options: Fallback<Or> = {}): number | Or {
    return this.integer(name, { ...options, min: 0, max: highestPort });
  }

  /** true, 1 or yes; false, 0 or no. */
  boolean<Or extends boolean | undefined = boolean>(name: string, options: Fallback<Or> = {}): boolean | Or {
    return this.#read(name, options, { expected: "true or false", parse: (text) => booleans[text.toLowerCase()] });
  }

  /** One of the given words. */
  oneOf<Word extends string, Or extends Word | undefined = Word>(
    name: string,
    words: readonly Word[],
    options: Fallback<Or> = {},
  ): Word | Or {
    const parse = (text: string): Word | undefined => words.find((word) => word === text);
    return this.#read(name, options, { expected: `one of ${words.join(", ")}`, parse });
  }

  /** An absolute URL of one of the schemes ("https"), as it was written. It may carry a password, so it is not shown. */
  url<Or extends string | undefined = string>(
    name: string,
    options: Fallback<Or> & { readonly schemes: readonly string[] },
  ): string | Or {
    const expected = `a URL that begins with ${options.schemes.map((scheme) => `${scheme}://`).join(" or ")}`;
    const parse = (text: string): string | undefined => {
      const scheme = URL.parse(text)?.protocol.slice(0, -1);
      return scheme !== undefined && options.schemes.includes(scheme) ? text : undefined;
    };
    return this.#read(name, options, { expected, parse, secret: true });
  }

  /** A decimal of at least 0 with at most `places` places, as text so that nothing is rounded. */
  decimal<Or extends string | undefined = string>(
    name: string,
    options: Fallback<Or> & { readonly places: number },
  ): string | Or {
    const fits = (text: string): boolean => decimalPattern.test(text) && (text.split(".")[1] ?? "").length <= options.places;
    const expected = `a decimal of at least 0 with at most ${options.places} places`;
    return this.#read(name, options, { expected, parse: (text) => (fits(text) ? text : undefined) });
  }

  /** A text that no message shows. */
  secret<Or extends string | undefined = string>(
    name: string,
    options: Fallback<Or> & { readonly minLength?: number } = {},
  ): string | Or {
    const { minLength = 1 } = options;
    const parse = (text: string): string | undefined => (text.length >= minLength ? text : undefined);
    return this.#read(name, options, { expected: `a secret of at least ${minLength} characters`, parse, secret: true });
  }

  /** What the services call each other with, at least 32 characters: `ALFRED_SERVICE_TOKEN`. */
  serviceToken(): string {
    return this.secret("ALFRED_SERVICE_TOKEN", { minLength: minTokenLength });
  }

  /** Where a peer is: `host:port` in `ALFRED_<SERVICE>_ADDRESS`. */
  address<Or extends string | undefined = string>(service: string, options: Fallback<Or> = {}): string | Or {
    const name = `ALFRED_${service.toUpperCase().replaceAll("-", "_")}_ADDRESS`;
    return this.#read(name, options, { expected: "host:port, such as 127.0.0.1:50053", parse: parseAddress });
  }

  /** A value of a kind of its own. */
  custom<Value, Or extends Value | undefined = Value>(
    name: string,
    options: Custom<Value> & Fallback<Or>,
  ): Value | Or {
    return this.#read(name, options, options);
  }

  #read<Value, Or extends Value | undefined>(name: string, options: Fallback<Or>, kind: Custom<Value>): Value | Or {
    const text = this.#env[name]?.trim() ?? "";
    if (text === "" && "fallback" in options) return options.fallback;
    const value = text === "" ? undefined : kind.parse(text);
    if (value !== undefined) return value;
    this.#problems.push({ variable: name, found: found(text, kind.secret === true), expected: kind.expected });
    // Never seen by anyone: readEnv throws before it returns.
    return undefined as Or;
  }
}

function found(text: string, secret: boolean): string {
  if (text === "") return "not set";
  if (secret) return `set to something else (${text.length} characters, not shown)`;
  return JSON.stringify(text.length > mostShown ? `${text.slice(0, mostShown)}…` : text);
}

function rangeText({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

function parseAddress(text: string): string | undefined {
  const port = Number(/^(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1] ?? 0);
  return port >= 1 && port <= highestPort ? text : undefined;
}
