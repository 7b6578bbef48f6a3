import type {
  GatewayServiceListProvidersResponse, GetProviderHealthRequest, GetProviderHealthResponse, WatchProviderHealthRequest, WatchProviderHealthResponse,
} from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { type CallContext, watchStream } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { HealthBoard, HealthEvent, ProviderStatus } from "../health/health-board.ts";
import { Sight } from "../health/sight.ts";
import { toProviderHealth, toServedProvider } from "./health-mappers.ts";

/** What the RPCs about providers need. */
export type HealthParts = Pick<ExchangeParts, "feeds" | "now"> & { readonly health: HealthBoard };

/** The providers that serve what the caller may use; root and peers see all. */
export async function listProviders(parts: HealthParts, context: CallContext): Promise<GatewayServiceListProvidersResponse> {
  return { providers: seenOf(parts, sightOf(parts, context)).map(toServedProvider) };
}

/** How they do. @throws AlfredError NOT_FOUND, also for a provider that the caller does not see */
export async function getProviderHealth(parts: HealthParts, { providerId }: GetProviderHealthRequest, context: CallContext): Promise<GetProviderHealthResponse> {
  const sight = sightOf(parts, context);
  const seen = seenOf(parts, sight).filter(({ upstream }) => providerId === "" || upstream.id === providerId);
  if (providerId !== "" && seen.length === 0) throw notFound(providerId);
  return { providers: seen.map((status) => toProviderHealth(status, sight.isWhole)) };
}

/** The same and every change of it, as watch.proto describes it. @throws AlfredError as `getProviderHealth` */
export async function* watchProviderHealth(parts: HealthParts, request: WatchProviderHealthRequest, context: CallContext): AsyncGenerator<WatchProviderHealthResponse> {
  const { health } = parts;
  const { revision, providerId } = request;
  await getProviderHealth(parts, { providerId }, context);
  const sight = sightOf(parts, context);
  const isAsked = ({ upstream }: ProviderStatus): boolean => providerId === "" || upstream.id === providerId;
  const shown = new Set<string>();
  const watched = watchStream<HealthEvent>({
    revision,
    subscribe: () => health.changes.subscribe({ signal: context.signal }),
    snapshot: async () => ({ revision: health.revision, events: health.all().filter(isAsked).map((value) => ({ $case: "provider", value })) }),
    since: async (known) => (known === health.revision ? [] : undefined),
  });
  if (revision === health.revision) for (const { upstream: { id } } of seenOf(parts, sight).filter(isAsked)) shown.add(id);
  for await (const { event } of watched) {
    const told = event.$case === "provider" && !isAsked(event.value) ? undefined : toldOf(event, sight, shown);
    if (told !== undefined) yield { event: told };
  }
}

type Told = NonNullable<WatchProviderHealthResponse["event"]>;
type Watched = HealthEvent | Extract<Told, { $case: "snapshotStarted" | "synced" }>;

/** What a caller is told of an event. @param shown the providers that it knows of, which this keeps */
function toldOf(event: Watched, sight: Sight, shown: Set<string>): Told | undefined {
  if (event.$case === "snapshotStarted") shown.clear();
  if (event.$case === "snapshotStarted" || event.$case === "synced") return event;
  const status = event.$case === "provider" ? sight.of(event.value) : undefined;
  if (status !== undefined) {
    shown.add(status.upstream.id);
    return { $case: "provider", value: toProviderHealth(status, sight.isWhole) };
  }
  const id = event.$case === "provider" ? event.value.upstream.id : event.value;
  return shown.delete(id) ? { $case: "removedProviderId", value: id } : undefined;
}

/** @throws AlfredError UNAVAILABLE before the first sync of each feed */
function sightOf({ feeds, now }: HealthParts, { principal }: CallContext): Sight {
  feeds.requireSynced();
  return new Sight(feeds, principal, now);
}

function seenOf({ health }: HealthParts, sight: Sight): ProviderStatus[] {
  return health.all().map((status) => sight.of(status)).filter((status) => status !== undefined);
}

function notFound(providerId: string): AlfredError {
  const hint = "GET /v1/providers lists those that this key may know of.";
  return fail("NOT_FOUND", `There is no provider ${providerId.slice(0, 64)} that this key may know of.`, { hint, metadata: { provider: providerId.slice(0, 64) } });
}
