/** What conditions ask of a request. What it does not have is the empty text; what is not known is undefined. */
export interface RequestFacts {
  /** The model as the client names it. */
  readonly model: string;
  /** The ids of the accounts that pay. */
  readonly key: string;
  readonly user: string;
  readonly team: string;
  readonly organisation: string;
  tag(name: string): string;
  /** @param name in small letters */
  header(name: string): string;
  /** Worked out where a condition asks for it, and not before. */
  promptTokens(): number | undefined;
  /** Likewise, in dollars. */
  estimatedCostUsd(): number | undefined;
  readonly now: Date;
}

/** What conditions ask of a candidate. */
export interface TargetFacts {
  readonly region: string;
  /** Whether others are to be called first. */
  readonly isCooling: boolean;
}

/** What a field can be at all, where it is no more than a few things. */
interface Takes {
  has(value: string): boolean;
  /** For who states another. */
  readonly hint: string;
}

/** A field of a condition, and how it is read. */
export type Field = { readonly takes?: Takes } & (
  | { readonly kind: "text"; readonly read: (facts: RequestFacts) => string }
  | { readonly kind: "number"; readonly read: (facts: RequestFacts) => number | undefined }
  | { readonly kind: "target"; readonly read: (target: TargetFacts) => string }
);

const HEALTH: Takes = { has: (value) => value === "healthy" || value === "cooling", hint: 'Use "healthy" or "cooling"; a breaker that is open, or half-open and tried already, is "cooling".' };

function wholeFrom(least: number, most: number, hint: string): Takes {
  return { has: (value) => Number.isInteger(Number(value)) && Number(value) >= least && Number(value) <= most, hint };
}

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["model", { kind: "text", read: ({ model }) => model }],
  ["key", { kind: "text", read: ({ key }) => key }],
  ["user", { kind: "text", read: ({ user }) => user }],
  ["team", { kind: "text", read: ({ team }) => team }],
  ["organisation", { kind: "text", read: ({ organisation }) => organisation }],
  ["prompt_tokens", { kind: "number", read: (facts) => facts.promptTokens() }],
  ["estimated_cost_usd", { kind: "number", read: (facts) => facts.estimatedCostUsd() }],
  ["hour", { kind: "number", read: ({ now }) => now.getUTCHours(), takes: wholeFrom(0, 23, "Use a whole number from 0 to 23.") }],
  // Sunday is the last day of the week, not the first.
  ["weekday", { kind: "number", read: ({ now }) => now.getUTCDay() || 7, takes: wholeFrom(1, 7, "Use a whole number from 1, Monday, to 7, Sunday.") }],
  ["region", { kind: "target", read: ({ region }) => region }],
  ["health", { kind: "target", read: ({ isCooling }) => (isCooling ? "cooling" : "healthy"), takes: HEALTH }],
]);

const TAG = /^tag:([^\s=,][^=,]{0,63})$/;
const HEADER = /^header:(x-alfred-route-[a-z0-9-]{1,64})$/;

/** The field of this name; undefined where there is none. */
export function fieldOf(name: string): Field | undefined {
  const [, tag] = TAG.exec(name) ?? [];
  if (tag !== undefined) return { kind: "text", read: (facts) => facts.tag(tag) };
  const [, header] = HEADER.exec(name) ?? [];
  return header === undefined ? FIELDS.get(name) : { kind: "text", read: (facts) => facts.header(header) };
}

/** The fields there are, for those who name another. */
export const FIELD_NAMES = [...FIELDS.keys(), "tag:<name>", "header:x-alfred-route-<name>"].join(", ");
