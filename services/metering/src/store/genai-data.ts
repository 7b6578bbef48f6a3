import { waitForUpdate } from "@pydantic/genai-prices";
import type { GenaiProvider } from "../domain/genai-provider.ts";

/**
 * The data that the package carries, each number as decimal text. The package
 * is JavaScript, so its numbers are doubles; written out and read back by
 * `source` they are the shortest decimals that mean them, which is how the
 * package's own text spells them (a test compares the two). No arithmetic is
 * done on them, and nothing is fetched.
 */
export async function readGenaiData(): Promise<GenaiProvider[]> {
  const providers = await waitForUpdate();
  return parse(JSON.stringify(providers ?? []), decimalText) as GenaiProvider[];
}

/** `JSON.parse` with the third argument of a reviver, which TypeScript's library does not know yet. */
const parse: (text: string, reviver: typeof decimalText) => unknown = JSON.parse;

function decimalText(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === "number" ? source : value;
}
