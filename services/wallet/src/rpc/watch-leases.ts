import type { WatchLeasesRequest, WatchLeasesResponse } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { CallContext } from "@alfred/rpc";
import { hello } from "../domain/hello.ts";
import type { Hello } from "../domain/hello.ts";
import type { Operations } from "../domain/ports.ts";
import type { LeaseNews } from "../gateway-watch.ts";
import type { GatewayWatches } from "../gateway-watches.ts";
import { originOf } from "./caller.ts";
import { invalid, readAccountId } from "./field.ts";

export interface WatchLeasesParts {
  readonly operations: Operations;
  readonly gateways: GatewayWatches;
}

/** Leases of earlier starts that a journal may have records of. */
const MAX_LEASES = 100_000;

/**
 * Takes a gateway's hello and then tells it of what concerns its leases. All that it is told is committed, and what was
 * recalled already is told again.
 */
export async function* handleWatchLeases(
  { operations, gateways }: WatchLeasesParts,
  request: WatchLeasesRequest,
  context: CallContext,
): AsyncGenerator<WatchLeasesResponse, void, undefined> {
  const command = readHello(request, context);
  const answer = await operations.submit(hello(command), context.signal);
  if (answer.type === "superseded") return yield newsToWire(answer);
  const { gatewayId, startId } = command;
  const { incarnation } = answer;
  yield { event: { $case: "welcome", value: { incarnation } } };
  for await (const news of gateways.watch({ gatewayId, startId, incarnation }, context.signal)) yield newsToWire(news);
}

function readHello(request: WatchLeasesRequest, context: CallContext): Hello {
  if (request.leaseIds.length > MAX_LEASES) throw invalid("lease_ids", `must be at most ${MAX_LEASES}.`);
  return {
    origin: originOf(context, ""),
    transferId: newId("trf"),
    gatewayId: readAccountId("gateway_id", request.gatewayId),
    startId: readAccountId("start_id", request.startId),
    replaces: request.replaces === "" ? "" : readAccountId("replaces", request.replaces),
    isIntact: request.intact,
    leaseIds: request.leaseIds.map((id) => readAccountId("lease_ids", id)),
  };
}

function newsToWire(news: LeaseNews): WatchLeasesResponse {
  switch (news.type) {
    case "recalled":
      return { event: { $case: "recalled", value: { leaseIds: [...news.leaseIds] } } };
    case "revised":
      return { event: { $case: "limitsRevised", value: { organisationId: news.organisationId, revision: news.revision } } };
    case "superseded":
      return { event: { $case: "superseded", value: { startId: news.startId } } };
    case "quiet":
      return { event: { $case: "quiet", value: {} } };
  }
}
