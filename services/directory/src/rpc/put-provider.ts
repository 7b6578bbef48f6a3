import { PutProviderRequest, PutProviderResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory, Transaction } from "../domain/ports.ts";
import type { ProviderTerms } from "../domain/provider.ts";
import { invalid } from "../domain/refusal.ts";
import { apiVersion, baseUrl, priceBook, providerId, providerSecret, region } from "../domain/provider.ts";
import { readProviderKind, writeProvider } from "./config-mappers.ts";
import { mutate } from "./mutate.ts";

const RPC = { name: "PutProvider", request: PutProviderRequest, response: PutProviderResponse };

/** Makes or replaces a provider. From then on the file and the environment leave it alone. */
export function putProvider(
  directory: Directory,
  request: PutProviderRequest,
  call: CallContext,
): Promise<PutProviderResponse> {
  const id = providerId(request.providerId);
  const kind = readProviderKind(request.kind);
  const terms = {
    id,
    kind,
    baseUrl: baseUrl(request.baseUrl),
    priceBook: priceBook(request.priceBook),
    region: region(request.region),
    apiVersion: apiVersion(request.apiVersion, kind),
    source: "api",
  } as const;
  const secret = request.secret === undefined ? undefined : providerSecret(request.secret);
  return mutate(directory, RPC, request, call, async (transaction) => {
    const sealedSecret = await sealedSecretOf(directory, transaction, terms, secret);
    const provider = { ...terms, hasSecret: sealedSecret !== undefined, updateTime: transaction.now };
    await transaction.putProvider({ provider, sealedSecret });
    return { provider: writeProvider(provider) };
  });
}

/**
 * What to keep: the secret that is set where none was sent, nothing where an empty one was. A secret stays with the host that
 * it was given for, since whoever can name another could read it there.
 */
async function sealedSecretOf(
  directory: Directory,
  transaction: Transaction,
  { id, baseUrl: next }: ProviderTerms,
  secret: string | undefined,
): Promise<Uint8Array | undefined> {
  if (secret !== undefined) return secret === "" ? undefined : directory.secrets.seal(secret, id);
  const before = await transaction.findProvider(id);
  if (before?.sealedSecret === undefined || originOf(before.provider.baseUrl) === originOf(next)) return before?.sealedSecret;
  const hint = "Send the secret of the new address, or an empty one where it needs none; an address at the same scheme, host and port keeps it.";
  throw invalid("secret", "the one that is set was given for another host", hint);
}

function originOf(address: string): string {
  return new URL(address).origin;
}
