import type { Identity } from "../../services/wallet/src/domain/identity.ts";
import { SERVICE_SCOPE } from "../../services/wallet/src/domain/identity.ts";

/** What makes a call of a peer the same one. The simulator never sends one id with two bodies. */
export function identityOf(rpc: string, requestId: string): Identity {
  return { scope: SERVICE_SCOPE, rpc, requestId, fingerprint: requestId };
}
