import type { Deployment, ProviderWithSecret, WatchConfigResponse } from "@alfred/contracts";
import { type DeployedModel, type RoutingTable, type Upstream, createRoutingTable } from "../domain/route.ts";

type ConfigEvent = NonNullable<WatchConfigResponse["event"]>;

interface Draft {
  readonly providers: Map<string, Upstream>;
  readonly deployments: Map<string, DeployedModel>;
}

/** Providers and deployments as WatchConfig tells of them. What came counts once `synced` says that it is whole. */
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
      case "removedProviderId":
        this.#draft.providers.delete(event.value);
        return;
      case "removedDeploymentId":
        this.#draft.deployments.delete(event.value);
        return;
      case "synced":
        this.#sync();
    }
  }

  #sync(): void {
    this.#synced.resolve();
    // Most are heartbeats.
    if (!this.#isChanged) return;
    this.#routes = createRoutingTable(this.#draft.providers.values(), this.#draft.deployments.values());
    this.#isChanged = false;
  }
}

function emptyDraft(): Draft {
  return { providers: new Map(), deployments: new Map() };
}

function putProvider({ providers }: Draft, { provider, secret }: ProviderWithSecret): void {
  if (provider === undefined) return;
  const { id, baseUrl, priceBook } = provider;
  providers.set(id, { id, baseUrl, secret, priceBook });
}

function putDeployment({ deployments }: Draft, { id, model, providerId, upstreamModel }: Deployment): void {
  deployments.set(id, { id, model, providerId, upstreamModel: upstreamModel || model });
}
