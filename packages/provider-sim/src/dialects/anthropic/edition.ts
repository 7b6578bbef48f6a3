import type { Call } from "../../dialect.ts";
import { refused } from "./errors.ts";

/** Which form of the API a request speaks. */
export interface Edition {
  /** Whether it is version 2026-10-21, and not the one of 2023. */
  readonly isLatest: boolean;
  /** Whether it names a beta. */
  readonly hasBeta: boolean;
}

/** Source: https://platform.claude.com/docs/en/api/versioning */
const LATEST = "2026-10-21";
const VERSIONS: ReadonlySet<string> = new Set([LATEST, "2023-06-01"]);

/** Checks that a request names a version. @throws SimError */
export function checkVersion({ headers }: Call): void {
  const version = headers["anthropic-version"];
  if (version === undefined) throw refused("header is required", "anthropic-version");
  if (!VERSIONS.has(String(version))) throw refused(`"${String(version)}" is not a valid version`, "anthropic-version");
}

export function editionOf({ headers }: Call): Edition {
  return { isLatest: headers["anthropic-version"] === LATEST, hasBeta: headers["anthropic-beta"] !== undefined };
}
