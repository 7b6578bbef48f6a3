import { Client } from "pg";
import type { QueryConfig } from "pg";
import { isOutdatedPlan } from "./failure.ts";

/** So often a statement is sent whole before each connection keeps it. */
const PREPARED_FROM = 5;
/** Statements known by name at most; more would be texts put together anew each time. */
const MOST_PREPARED = 200;
const MOST_COUNTED = 2_000;

/** Which statements come often enough to be prepared; shared by the connections of a pool. */
export class FrequentStatements {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #refused = new Set<string>();

  /** The name to prepare a statement under; undefined where it is not worth it. */
  nameOf(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined || this.#names.size + this.#refused.size >= MOST_PREPARED) return name;
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (this.#refused.has(text) || (count === 1 && this.#counts.size >= MOST_COUNTED)) return undefined;
    this.#counts.set(text, count);
    if (count > PREPARED_FROM) this.#names.set(text, `frequent_${this.#names.size}_${this.#refused.size}`);
    return this.#names.get(text);
  }

  /** Has a statement never prepared again. */
  refuse(text: string): void {
    this.#names.delete(text);
    this.#refused.add(text);
  }
}

type Callback = (error: Error | undefined, result: unknown) => void;
type Query = (config: QueryConfig | string, values?: unknown, callback?: Callback) => Promise<unknown> | undefined;

/**
 * A connection that prepares the statements with parameters that it is asked often: Postgres then parses and plans them
 * once, not each time. One whose table a migration changes meanwhile fails once, as `isOutdatedPlan`, and works again.
 */
export function preparingClient(statements: FrequentStatements): new () => Client {
  const query = Client.prototype.query as Query;
  return class extends Client {
    override query = ((config, values, callback) => {
      const text = typeof config === "string" && Array.isArray(values) && values.length > 0 ? config : "";
      const name = text === "" ? undefined : statements.nameOf(text);
      if (name === undefined) return query.call(this, config, values, callback);
      const noted: Callback | undefined = callback && ((error, result) => {
        note(error);
        callback(error, result);
      });
      const note = (error: unknown): void => void (isOutdatedPlan(error) && statements.refuse(text));
      const answer = query.call(this, { name, text, values: values as unknown[] }, undefined, noted);
      return answer?.catch((error: unknown) => {
        note(error);
        throw error;
      });
    }) as Query as Client["query"];
  };
}
