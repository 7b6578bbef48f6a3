import { type Alias, type Deployment, ProviderKind as Kind, type ProviderWithSecret, type WatchConfigResponse } from "@alfred/contracts";
import { type DeployedModel, type ProviderKind, type RoutingTable, type Upstream, createRoutingTable } from "../domain/route.ts";

type ConfigEvent = NonNullable<WatchConfigResponse["event"]>;

interface Draft {
  readonly providers: Map<string, Upstream>;
  readonly deployments: Map<string, DeployedModel>;
  /** What is meant by each alias. */
  readonly aliases: Map<string, string>;
}

/** Providers, deployments and aliases as WatchConfig tells of them. What came counts once `synced` says that it is whole. */
export class ConfigState {
  /** Resolves at the first `synced`. */
  readonly synced: Promise<void>;
  readonly #synced = Promise.withResolvers<void>();
  #draft: Draft = emptyDraft();
  #routes = createRoutingTable([], []);
  #isChanged = false;

  constructor() {
    this.synced = this.#synced.promise;
  }

  get routes(): RoutingTable {
    return this.#routes;
  }

  apply(event: ConfigEvent): void {
    if (event.$case !== "synced") this.#isChanged = true;
    switch (event.$case) {
      case "snapshotStarted":
        this.#draft = emptyDraft();
        return;
      case "provider":
        return putProvider(this.#draft, event.value);
      case "deployment":
        return putDeployment(this.#draft, event.value);
      case "alias":
        return putAlias(this.#draft, event.value);
      case "removedProviderId":
        this.#draft.providers.delete(event.value);
        return;
      case "removedDeploymentId":
        this.#draft.deployments.delete(event.value);
        return;
      case "removedAlias":
        this.#draft.aliases.delete(event.value);
        return;
      case "synced":
        this.#sync();
    }
  }

  #sync(): void {
    this.#synced.resolve();
    // Most are heartbeats.
    if (!this.#isChanged) return;
    const { providers, deployments, aliases } = this.#draft;
    this.#routes = createRoutingTable(providers.values(), deployments.values(), aliases);
    this.#isChanged = false;
  }
}

function emptyDraft(): Draft {
  return { providers: new Map(), deployments: new Map(), aliases: new Map() };
}

const KINDS: ReadonlyMap<Kind, ProviderKind> = new Map([
  [Kind.PROVIDER_KIND_OPENAI, "openai"],
  [Kind.PROVIDER_KIND_AZURE, "azure"],
  [Kind.PROVIDER_KIND_ANTHROPIC, "anthropic"],
  [Kind.PROVIDER_KIND_GEMINI, "gemini"],
  [Kind.PROVIDER_KIND_COHERE, "cohere"],
]);

/** One that speaks what is not known here, as a newer directory may name, serves nothing. */
function putProvider({ providers }: Draft, { provider, secret }: ProviderWithSecret): void {
  if (provider === undefined) return;
  const { id, baseUrl, priceBook, region, apiVersion } = provider;
  const kind = KINDS.get(provider.kind);
  if (kind === undefined) providers.delete(id);
  else providers.set(id, { id, kind, baseUrl, secret, priceBook, region, apiVersion });
}

function putDeployment({ deployments }: Draft, { id, model, providerId, upstreamModel, weight }: Deployment): void {
  deployments.set(id, { id, model, providerId, upstreamModel: upstreamModel || model, weight });
}

function putAlias({ aliases }: Draft, { alias, model }: Alias): void {
  aliases.set(alias, model);
}
