/** What a model refuses, as far as its name tells; a name that tells nothing refuses nothing. */
export interface ModelRules {
  /** The types of `thinking` that it does not take. */
  readonly refusedThinking: ReadonlySet<string>;
  /** Whether it thinks where the request does not say. */
  readonly thinksUnasked: boolean;
  /** Whether it keeps its thoughts to itself where the request does not say. */
  readonly omitsThoughts: boolean;
  readonly hasFixedSampling: boolean;
  readonly refusesPrefill: boolean;
  readonly refusesForcedTools: boolean;
  readonly refusesSystemTurns: boolean;
  /** Whether its thoughts are tied to it and to the conversation that they came up in. */
  readonly bindsThoughts: boolean;
  /** Its longest answer in tokens. */
  readonly mostTokens: number;
}

const NAME = /claude-(opus|sonnet|haiku|fable|mythos)-(\d)(?:-(\d{1,2}))?(?!\d)/;
const OLD_NAME = /claude-(\d)(?:-(\d))?-(opus|sonnet|haiku)/;

interface ModelName {
  readonly family: string;
  /** Its version as a decimal, 4.5 for claude-opus-4-5. */
  readonly version: number;
}

function readName(model: string): ModelName | undefined {
  const [, family, major, minor = "0"] = NAME.exec(model) ?? [];
  if (family !== undefined) return { family, version: Number(`${major}.${minor}`) };
  const [, oldMajor, oldMinor = "0", oldFamily] = OLD_NAME.exec(model) ?? [];
  return oldFamily === undefined ? undefined : { family: oldFamily, version: Number(`${oldMajor}.${oldMinor}`) };
}

const ANY: ModelRules = {
  refusedThinking: new Set(),
  thinksUnasked: false,
  omitsThoughts: false,
  hasFixedSampling: false,
  refusesPrefill: false,
  refusesForcedTools: false,
  refusesSystemTurns: false,
  bindsThoughts: false,
  mostTokens: Infinity,
};

/**
 * The rules of a model.
 *
 * Sources, as of November 2026: https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting,
 * https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5, https://platform.claude.com/docs/en/api/errors,
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function modelRules(model: string): ModelRules {
  const name = readName(model);
  if (name === undefined) return ANY;
  const { family, version } = name;
  const alwaysThinks = family === "fable" || family === "mythos" || (family === "opus" && version >= 5.5);
  const isOf55 = version >= 5.5 || (version >= 5.1 && alwaysThinks);
  return {
    refusedThinking: refusedThinking(name, alwaysThinks),
    thinksUnasked: version >= 5,
    omitsThoughts: version >= 4.7,
    hasFixedSampling: version >= 4.7,
    refusesPrefill: version >= 4.6,
    refusesForcedTools: isOf55 && family !== "haiku",
    mostTokens: mostTokens(name),
    bindsThoughts: isOf55 && family !== "haiku",
    refusesSystemTurns: !(isOf55 || (family === "opus" && version >= 4.8)),
  };
}

/** Source: https://platform.claude.com/docs/en/about-claude/models/overview, as of November 2026 */
function mostTokens({ family, version }: ModelName): number {
  if (version >= 4.6 && family !== "haiku") return 128_000;
  if (version >= 3.7) return family === "opus" && version < 4.5 ? 32_000 : 64_000;
  return version >= 3.5 ? 8_192 : 4_096;
}

/** Budgets went with 4.7, `adaptive` came with 4.6, and Sonnet 5.5 alone thinks `between_tools` in place of not at all. */
function refusedThinking({ family, version }: ModelName, alwaysThinks: boolean): ReadonlySet<string> {
  const thinksBetween = family === "sonnet" && version >= 5.5;
  const refused = new Set<string>();
  if (version < 3.7) for (const type of ["enabled", "adaptive"]) refused.add(type);
  if (version < 4.6) refused.add("adaptive");
  if (version >= 4.7) refused.add("enabled");
  if (alwaysThinks || thinksBetween) refused.add("disabled");
  if (!thinksBetween) refused.add("between_tools");
  return refused;
}
