import { fail } from "@alfred/errors";
import type { Principal } from "@alfred/rpc";
import type { Accounts } from "../domain/ports.ts";

/**
 * The organisation that an operator asks about, or undefined for all: an admin's own, what root names, all where root
 * names none.
 *
 * @throws AlfredError NOT_FOUND for an admin that names another organisation, and for one that does not exist: no faults
 * are good news only of books that are there
 */
export async function readScope(accounts: Pick<Accounts, "find">, principal: Principal, requested: string): Promise<string | undefined> {
  const isAll = principal.tenant === undefined && requested === "";
  if (isAll) return undefined;
  const id = principal.organisation(requested);
  if (requested === "" || (await accounts.find(id))?.kind === "organisation") return id;
  throw fail("NOT_FOUND", `There is no organisation ${id}.`, { metadata: { organisation: id } });
}
