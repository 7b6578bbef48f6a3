import { BEGINNINGS, KNOWN_FAMILIES, PARTS, WITH_SLASHES } from "./model-families.ts";

/** The part of a routing table that is looked at; each family's providers in the order of their ids. */
interface Configured<Provider> {
  readonly families: ReadonlyMap<string, readonly Provider[]>;
  readonly providers: ReadonlyMap<string, unknown>;
}

/**
 * Who may serve a model that neither the configuration nor the price book knows, guessed from its name; undefined where
 * the name says nothing, or names a provider itself. In this order, and within a row of a table from left to right, a
 * family of which no provider is configured being passed over:
 *
 * 1. A name with a tag, as "llama3.2:3b", is Ollama's.
 * 2. `BEGINNINGS`: how the name begins.
 * 3. `PARTS`: what is in it.
 *
 * Of several providers of a family the first by id. Case does not count.
 */
export function detect<Provider>(table: Configured<Provider>, name: string): Provider | undefined {
  const lower = name.toLowerCase();
  const slash = lower.indexOf("/");
  if (slash >= 0 && isProvider(table, lower.slice(0, slash))) return undefined;
  const isOpen = (family: string): boolean => slash < 0 || WITH_SLASHES.has(family);
  for (const { families } of rowsOf(lower)) {
    for (const family of families) {
      const [first] = isOpen(family) ? (table.families.get(family) ?? []) : [];
      if (first !== undefined) return first;
    }
  }
  return undefined;
}

/** The family that models of such a name are of before all others, by how it begins; undefined where it says nothing. */
export function makerOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  return BEGINNINGS.find(({ texts }) => texts.some((text) => beginsWithWord(lower, text)))?.families[0];
}

/** Whether a name has a tag, as those of Ollama's have. */
export function isTagged(name: string): boolean {
  return TAG.test(name.toLowerCase());
}

/** Whether a provider was named that is not there, or does not serve the model: then no other is guessed. */
function isProvider({ families, providers }: Configured<unknown>, name: string): boolean {
  return KNOWN_FAMILIES.has(name) || families.has(name) || providers.has(name);
}

interface Row {
  readonly families: readonly string[];
}

const TAGGED: Row = { families: ["ollama"] };
/** A fine-tuned model of OpenAI has colons, too. */
const TAG = /^(?!ft:).*[^:]:[^:]+$/;

function* rowsOf(name: string): Generator<Row> {
  if (TAG.test(name)) yield TAGGED;
  for (const row of BEGINNINGS) if (row.texts.some((text) => beginsWithWord(name, text))) yield row;
  for (const row of PARTS) if (row.texts.some((text) => name.includes(text))) yield row;
}

/** Whether a name begins with a word and goes on with another, if it goes on. */
function beginsWithWord(name: string, word: string): boolean {
  return name.startsWith(word) && !GOES_ON.test(name.slice(word.length - 1, word.length + 1));
}

/** Two characters that belong to one word: a digit after a letter begins another, as in "gpt4". */
const GOES_ON = /^(?:[a-z\d][a-z]|\d\d)$/;
