/** What a model does and refuses, as far as its name tells; a name that tells nothing refuses nothing. */
export interface ModelRules {
  /** Whether calls have to come back with the signature of the thought that led to them. */
  readonly wantsSignatures: boolean;
  /** How it is told to think. */
  readonly thinking: "none" | "budget" | "level" | "any";
  readonly thinksUnasked: boolean;
  readonly alwaysThinks: boolean;
  readonly mostBudget: number;
  /** Whether functions and JSON may be asked for together. */
  readonly takesJsonBesideTools: boolean;
}

const ANY: ModelRules = {
  wantsSignatures: false,
  thinking: "any",
  thinksUnasked: false,
  alwaysThinks: false,
  mostBudget: Infinity,
  takesJsonBesideTools: true,
};

/**
 * The rules of a model.
 *
 * Sources: https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/thought-signatures,
 * https://ai.google.dev/gemini-api/docs/structured-output
 */
export function modelRules(model: string): ModelRules {
  const [, version, kind = ""] = /^gemini-(\d+(?:\.\d+)?)-([a-z-]+)/.exec(model) ?? [];
  if (version === undefined) return ANY;
  const number = Number(version);
  const isPro = kind.startsWith("pro");
  if (number < 2.5) return { ...ANY, thinking: "none", takesJsonBesideTools: false };
  const isThird = number >= 3;
  return {
    wantsSignatures: isThird && !kind.includes("image"),
    thinking: isThird ? "level" : "budget",
    thinksUnasked: isThird || !kind.startsWith("flash-lite"),
    alwaysThinks: isPro,
    mostBudget: isThird || isPro ? 32_768 : 24_576,
    takesJsonBesideTools: isThird,
  };
}
