import type { NamePattern } from "@alfred/contracts";
import type { GenaiMatch } from "./genai-provider.ts";

/** The names of a model: those spelled out, and patterns for the rest. */
export interface ModelNames {
  aliases: string[];
  patterns: NamePattern[];
}

/** What the data's rule on names is on the wire; `model` itself need not be an alias. */
export function modelNames(model: string, match: GenaiMatch): ModelNames {
  const alternatives = "or" in match ? match.or : [match];
  const aliases = alternatives.flatMap((each) => ("equals" in each && each.equals !== model ? [each.equals] : []));
  const patterns = alternatives.filter((each) => !("equals" in each)).map(toPattern);
  return { aliases, patterns };
}

function toPattern(match: GenaiMatch): NamePattern {
  if ("equals" in match) return { rule: { $case: "equals", value: match.equals } };
  if ("starts_with" in match) return { rule: { $case: "startsWith", value: match.starts_with } };
  if ("ends_with" in match) return { rule: { $case: "endsWith", value: match.ends_with } };
  if ("contains" in match) return { rule: { $case: "contains", value: match.contains } };
  if ("regex" in match) return { rule: { $case: "regex", value: match.regex } };
  if ("and" in match) return { rule: { $case: "allOf", value: { patterns: match.and.map(toPattern) } } };
  if ("or" in match) return { rule: { $case: "anyOf", value: { patterns: match.or.map(toPattern) } } };
  throw new TypeError(`genai-prices has a rule on names that is not known here: ${JSON.stringify(match)}`);
}
