import type { Principal } from "@alfred/rpc";

/**
 * The organisation that an operator asks about, or undefined for all: an admin's own, what root names, all where root
 * names none.
 *
 * @throws AlfredError NOT_FOUND for an admin that names another organisation
 */
export function readScope(principal: Principal, requested: string): string | undefined {
  const isAll = principal.tenant === undefined && requested === "";
  return isAll ? undefined : principal.organisation(requested);
}
