import type { ClaimKeptObjectsRequest, ClaimKeptObjectsResponse } from "@alfred/contracts";

import { keptKind } from "../domain/kept-object.ts";
import { invalid } from "../domain/refusal.ts";
import type { KeptRecord } from "./kept-record.ts";

const MAX_CLAIMED = 100;
const MAX_LEASE_MS = 3_600_000;

/** Takes objects that are due, for a while. */
export async function claimKeptObjects({ kept, now }: KeptRecord, { kind, most, lease }: ClaimKeptObjectsRequest): Promise<ClaimKeptObjectsResponse> {
  if (most < 1 || most > MAX_CLAIMED) throw invalid("most", `not between 1 and ${MAX_CLAIMED}`, "Claim again for more.");
  const leaseMs = Number(lease?.seconds ?? 0n) * 1_000 + Math.floor((lease?.nanos ?? 0) / 1_000_000);
  if (leaseMs < 1_000 || leaseMs > MAX_LEASE_MS) throw invalid("lease", "not between 1 second and 1 hour", "Claim again for longer.");
  return { objects: await kept.claim(keptKind(kind), most, new Date(now()), leaseMs) };
}
