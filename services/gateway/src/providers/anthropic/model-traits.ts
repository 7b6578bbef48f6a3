/** What a model of Anthropic's takes, as far as its name tells. */
export interface ModelTraits {
  /** How it is told to think: not at all, by a budget of tokens, or by an effort. */
  readonly thinking: "none" | "budget" | "adaptive";
  /** How it is told not to think: by leaving the field out, by one of its types, or not at all. */
  readonly thinkingOff: "absent" | "disabled" | "between_tools" | undefined;
  readonly hasExtraHighEffort: boolean;
  /** Whether temperature and the like have only their default. */
  readonly hasFixedSampling: boolean;
  readonly canForceTools: boolean;
  /** Whether instructions may stand between turns. */
  readonly takesLaterSystem: boolean;
}

/** Of names that say nothing, as a deployment's: nothing is held back, and the form is the one that all new models take. */
const UNKNOWN: ModelTraits = {
  thinking: "adaptive",
  thinkingOff: "disabled",
  hasExtraHighEffort: true,
  hasFixedSampling: false,
  canForceTools: true,
  takesLaterSystem: false,
};

/**
 * Reads a model's name: "claude-opus-4-5-20251101", "claude-3-7-sonnet-latest", "anthropic.claude-sonnet-5".
 *
 * Sources, as of November 2026: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/effort,
 * https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5,
 * https://platform.claude.com/docs/en/models/sonnet-5-5/whats-new-sonnet-5-5,
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function traitsOf(model: string): ModelTraits {
  const { family, version } = parseName(model.toLowerCase());
  if (version === undefined) return UNKNOWN;
  const isFrontier = family === "fable" || family === "mythos";
  const isOf55 = version >= 505 || (isFrontier && version >= 501);
  return {
    thinking: version < 307 ? "none" : version < 406 ? "budget" : "adaptive",
    thinkingOff: thinkingOff(family, version),
    hasExtraHighEffort: version >= 407,
    hasFixedSampling: version >= 407,
    canForceTools: !isOf55 || family === "haiku",
    takesLaterSystem: isOf55 || (family === "opus" && version >= 408),
  };
}

function thinkingOff(family: string, version: number): ModelTraits["thinkingOff"] {
  if (family === "fable" || family === "mythos" || (family === "opus" && version >= 505)) return undefined;
  if (version < 500) return "absent";
  return family === "sonnet" && version >= 505 ? "between_tools" : "disabled";
}

/** The family stood behind the version until 3.7, and before it since; a date of eight digits is no version. */
const NAME = /claude-(opus|sonnet|haiku|fable|mythos)(?:-(\d)(?:[-.](\d{1,2}))?)?(?!\d)/;
const OLDER_NAME = /claude-([1-3])(?:[-.](\d))?(?:-(opus|sonnet|haiku))?(?!\d)/;

/** The version as hundreds and units: 4.5 is 405. */
function parseName(name: string): { readonly family: string; readonly version: number | undefined } {
  const [, newFamily, ...newVersion] = NAME.exec(name) ?? [];
  if (newFamily !== undefined) return { family: newFamily, version: toVersion(newVersion) ?? previewVersion(newFamily) };
  const [, major, minor, family = ""] = OLDER_NAME.exec(name) ?? [];
  return { family, version: toVersion([major, minor]) };
}

function toVersion([major, minor]: readonly (string | undefined)[]): number | undefined {
  return major === undefined ? undefined : Number(major) * 100 + Number(minor ?? 0);
}

/** Mythos was shown without a version before its fifth. */
function previewVersion(family: string): number | undefined {
  return family === "mythos" ? 500 : undefined;
}
