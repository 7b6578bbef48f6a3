import type { VerifyChainRequest, VerifyChainResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import { ChainVerifier } from "../domain/chain.ts";
import type { Verdict } from "../domain/chain.ts";
import type { Audit } from "../domain/ports.ts";
import { CheckpointCursor } from "./checkpoint-cursor.ts";
import { writeVerdict } from "./mappers.ts";

/** Links verified at a time; between two pages others get their turn. */
const PAGE = 500;

/** Recomputes an organisation's chain and holds it against its checkpoints. */
export async function verifyChain(
  audit: Audit,
  request: VerifyChainRequest,
  call: CallContext,
): Promise<VerifyChainResponse> {
  const organisation = call.principal.organisation(request.organisationId);
  const verdict = await verify(audit, organisation, call.signal);
  if (verdict.fault !== undefined) {
    call.log.error({ organisation, fault: verdict.fault }, "the audit chain is not whole");
  }
  return writeVerdict(verdict);
}

async function verify(audit: Audit, organisation: string, signal: AbortSignal): Promise<Verdict> {
  await using checkpoints = new CheckpointCursor(audit.checkpoints(organisation));
  // Read before the links: what is chained meanwhile then counts as more than was promised, never as less.
  const head = await audit.chains.head(organisation);
  const verifier = new ChainVerifier();
  await addLinks(audit, organisation, { verifier, checkpoints, signal });
  const last = await checkpoints.skipToEnd();
  const verdict = verifier.verdict(last > head.sequence ? last : head.sequence);
  if (verdict.fault !== undefined || !checkpoints.broken) return verdict;
  return { ...verdict, fault: { kind: "checkpoint_broken", sequence: last + 1n } };
}

interface Verification {
  readonly verifier: ChainVerifier;
  readonly checkpoints: CheckpointCursor;
  readonly signal: AbortSignal;
}

async function addLinks(
  audit: Audit,
  organisation: string,
  { verifier, checkpoints, signal }: Verification,
): Promise<void> {
  for (let after = 0n; ;) {
    signal.throwIfAborted();
    const links = await audit.chains.links(organisation, after, PAGE);
    for (const link of links) {
      if (!verifier.add(link, await checkpoints.at(link.sequence))) return;
    }
    if (links.length < PAGE) return;
    after = links.at(-1)?.sequence ?? after;
  }
}
