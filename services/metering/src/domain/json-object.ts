/** The price file says something that cannot be; the message names the place and what would do. */
export class PriceFileError extends Error {
  override readonly name = "PriceFileError";
}

/** A JSON object of the price file, read member by member; what is left over is refused. */
export class JsonObject {
  readonly #members: Map<string, unknown>;
  readonly #place: string;

  constructor(value: unknown, place: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new PriceFileError(`${place} must be an object`);
    this.#members = new Map(Object.entries(value));
    this.#place = place;
  }

  /** Where this object stands, for messages. */
  get place(): string {
    return this.#place;
  }

  /** Text of 1 to `most` characters. */
  text(name: string, most: number): string {
    const value = this.#take(name);
    if (typeof value === "string" && value.trim() !== "" && value.length <= most) return value;
    throw new PriceFileError(`${this.#place}.${name} must be text of 1 to ${most} characters`);
  }

  /** A truth value, false where it is left out. */
  flag(name: string): boolean {
    const value = this.#take(name) ?? false;
    if (typeof value === "boolean") return value;
    throw new PriceFileError(`${this.#place}.${name} must be true or false`);
  }

  /** A whole number of at least 1, or undefined where it is left out. */
  count(name: string): bigint | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return BigInt(value);
    throw new PriceFileError(`${this.#place}.${name} must be a whole number of at least 1`);
  }

  /** A list of at most `most`, empty where it is left out. */
  list(name: string, most: number): unknown[] {
    const value = this.#take(name) ?? [];
    if (Array.isArray(value) && value.length <= most) return value;
    throw new PriceFileError(`${this.#place}.${name} must be a list of at most ${most}`);
  }

  /** Whatever stands there. */
  any(name: string): unknown {
    return this.#take(name);
  }

  /** All members, by name. */
  members(): [string, unknown][] {
    const all = [...this.#members];
    this.#members.clear();
    return all;
  }

  /** Refuses members that nobody asked for: most are misspelled. */
  end(): void {
    const [unknown] = this.#members.keys();
    if (unknown !== undefined) throw new PriceFileError(`${this.#place}.${unknown} is not known here`);
  }

  #take(name: string): unknown {
    const value = this.#members.get(name);
    this.#members.delete(name);
    return value;
  }
}
