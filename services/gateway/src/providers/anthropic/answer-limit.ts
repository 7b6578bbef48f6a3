/**
 * The longest answers, in tokens, by the beginnings of models' names; a date behind a name says nothing.
 *
 * Source: https://platform.claude.com/docs/en/about-claude/models/overview, as of November 2026
 */
const LONGEST: readonly (readonly [RegExp, bigint])[] = [
  [/claude-3-(?:opus|sonnet|haiku)|claude-(?:2|v1|instant)/, 4_096n],
  [/claude-3-5-/, 8_192n],
  [/claude-(?:3-7-sonnet|(?:opus|sonnet)-4-5|haiku-[4-9]|sonnet-4-0|sonnet-4-20|sonnet-4$)/, 64_000n],
  [/claude-(?:opus-4-[01]|opus-4-20|opus-4$)/, 32_000n],
  [/claude-(?:opus|sonnet)-4-|claude-(?:opus|sonnet|fable|mythos)-[5-9]/, 128_000n],
];

/** What every model can answer at least; for names that tell nothing, as those of other providers' deployments. */
const LEAST = 4_096n;

/** The longest answer that a model gives, in tokens. */
export function answerLimit(model: string): bigint {
  return LONGEST.find(([names]) => names.test(model))?.[1] ?? LEAST;
}
