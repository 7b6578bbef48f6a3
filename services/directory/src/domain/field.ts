/** Checks of single fields at the wire. What they return cannot be wrong; what they refuse names its field. */
import { isTimeZone } from "@alfred/money";

import { invalid } from "./refusal.ts";
import type { Limit } from "./tree.ts";

const MAX_NAME = 128;
const MAX_REQUEST_ID = 128;
const MAX_MODELS = 100;
const MAX_MODEL_NAME = 256;
const MAX_REQUESTS_PER_MINUTE = 1_000_000;
const SOFT_HINT = "Leave it out to be warned of nothing. A soft limit without a hard one is set with SetLimit.";
const CONTROL = /\p{Cc}/u;
/** What a model can be asked for by; another name would allow nothing. */
const MODEL_PATTERN = /^[\x21-\x29\x2b-\x7e]*\*?$/;

/** A `request_id`: 1 to 128 characters. */
export function requestId(value: string): string {
  return text(
    "request_id",
    value,
    MAX_REQUEST_ID,
    "Choose one id per mutation, as a UUID, and send it again when you retry.",
  );
}

/** A name: 1 to 128 characters, not blank, without control characters. */
export function name(value: string): string {
  return text("name", value, MAX_NAME, `Give a name of 1 to ${MAX_NAME} characters.`);
}

/** An IANA time zone as it was given; empty means UTC. */
export function timeZone(value: string): string {
  if (value === "") return "UTC";
  // Offsets such as "+01:00" are known too, but not as names: they know no daylight saving.
  if (!/^[A-Za-z]/.test(value) || !isTimeZone(value)) {
    throw invalid(
      "time_zone",
      "not a time zone",
      'Use an IANA name such as "Europe/Zurich", or leave it out for UTC.',
    );
  }
  return value;
}

/** Limits with no unit and period twice. `limits` were read from the wire already, so units and periods are known. */
export function distinctLimits(limits: readonly Limit[]): readonly Limit[] {
  const seen = new Set<string>();
  for (const [index, limit] of limits.entries()) {
    const window = `${limit.unit} per ${limit.period}`;
    if (limit.hard < 0n) {
      throw invalid(`limits[${index}].hard`, "a limit cannot be negative", "Use 0 to deny everything that costs.");
    }
    if (limit.soft !== undefined && (limit.soft < 0n || limit.soft > limit.hard)) {
      throw invalid(`limits[${index}].soft`, "a soft limit is from 0 to the hard one", SOFT_HINT);
    }
    if (seen.has(window)) {
      throw invalid(`limits[${index}]`, `there is a limit in ${window} already`, "State each unit and period once.");
    }
    seen.add(window);
  }
  return limits;
}

/** Patterns of models: exact names, or a prefix and one `*` at the end; at most 100. */
export function allowedModels(patterns: readonly string[]): readonly string[] {
  if (patterns.length > MAX_MODELS) {
    throw invalid(
      "allowed_models",
      `${patterns.length} patterns are too many`,
      `Use at most ${MAX_MODELS}; "gpt-4o*" stands for all that begin so.`,
    );
  }
  for (const [index, pattern] of patterns.entries()) {
    const field = `allowed_models[${index}]`;
    if (pattern === "" || pattern.length > MAX_MODEL_NAME) {
      throw invalid(
        field,
        `a pattern has 1 to ${MAX_MODEL_NAME} characters`,
        "Leave the list empty to allow all models.",
      );
    }
    if (!MODEL_PATTERN.test(pattern)) {
      throw invalid(
        field,
        "not a pattern of models",
        "Use a model's name in printable ASCII without spaces, with one * at its end if need be.",
      );
    }
  }
  return [...new Set(patterns)];
}

/** Requests per minute, 1 to 1,000,000. */
export function requestsPerMinute(value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= MAX_REQUESTS_PER_MINUTE)) return value;
  throw invalid(
    "requests_per_minute",
    `not between 1 and ${MAX_REQUESTS_PER_MINUTE}`,
    "Leave it out for no limit; revoke a key that should not call at all.",
  );
}

/** A time after `nowMs` (epoch milliseconds). */
export function expireTime(value: Date | undefined, nowMs: number): Date | undefined {
  if (value === undefined) return undefined;
  if (Number.isNaN(value.getTime())) {
    throw invalid("expire_time", "not a time", "Use RFC 3339, as 2030-01-31T00:00:00Z.");
  }
  if (value.getTime() <= nowMs) {
    throw invalid(
      "expire_time",
      "not in the future",
      "Choose a later time, or leave it out for a key that does not end.",
    );
  }
  return value;
}

/** An id given to find an object by; its shape does not matter, only that there is one. */
export function objectId(field: string, value: string): string {
  if (value !== "" && value.length <= MAX_NAME && !CONTROL.test(value)) return value;
  throw invalid(field, "an id is needed", "Lists and the answers of Create calls show ids.");
}

/** Text of 1 to `most` characters, not blank, without control characters. */
export function text(field: string, value: string, most: number, hint: string): string {
  if (value.trim() === "") throw invalid(field, "must not be empty", hint);
  if (value.length > most * 2 || Array.from(value).length > most) {
    throw invalid(field, `longer than ${most} characters`, hint);
  }
  if (CONTROL.test(value) || !value.isWellFormed()) throw invalid(field, "contains control characters", hint);
  return value;
}
