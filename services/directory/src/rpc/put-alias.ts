import { PutAliasRequest, PutAliasResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import { aliasTerms } from "../domain/alias.ts";
import type { Directory } from "../domain/ports.ts";
import { writeAlias } from "./config-mappers.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "PutAlias", request: PutAliasRequest, response: PutAliasResponse };

/** Makes or replaces an alias. From then on the file leaves it alone. */
export function putAlias(directory: Directory, request: PutAliasRequest, call: CallContext): Promise<PutAliasResponse> {
  const terms = aliasTerms(request.alias, request.model);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const alias = { ...terms, source: "api", updateTime: transaction.now } as const;
    await transaction.putAlias(alias);
    return { alias: writeAlias(alias) };
  });
}
