import type { AccountPath, PathAccount } from "@alfred/contracts";
import type { AccountSpec, PathSpec } from "../domain/open-account.ts";
import { MAX_DEPTH } from "../domain/open-account.ts";
import { invalid, readAccountId, readKind, readLimits, readTimeZone } from "./field.ts";

/** A path of 1 to 8 accounts, each once, that ends with its organisation. */
export function readPath(path: AccountPath): PathSpec {
  const accounts = path.accounts.map(readAccount);
  if (accounts.length === 0 || accounts.length > MAX_DEPTH) throw invalid("path.accounts", `must be 1 to ${MAX_DEPTH} accounts.`);
  const isDistinct = new Set(accounts.map(({ id }) => id)).size === accounts.length;
  if (!isDistinct) throw invalid("path.accounts", "must name each account once.");
  if (accounts.at(-1)?.id !== path.organisationId) throw invalid("path.accounts", "must end with the organisation.");
  return { organisationId: path.organisationId, timeZone: readTimeZone("path.time_zone", path.timeZone), accounts };
}

function readAccount({ id, kind, initialLimits }: PathAccount): AccountSpec {
  return {
    id: readAccountId("path.accounts.id", id),
    kind: readKind("path.accounts.kind", kind),
    limits: readLimits("path.accounts.initial_limits", initialLimits),
  };
}
