import { type Alias, type Deployment, ProviderKind as Kind, type ProviderWithSecret, type RouteRule, type WatchConfigResponse } from "@alfred/contracts";
import { RuleBook } from "@alfred/routing";
import { IdSeal } from "../stored/id-seal.ts";
import { type DeployedModel, type ProviderKind, type RoutingTable, type Upstream, createRoutingTable } from "../domain/route.ts";

type ConfigEvent = NonNullable<WatchConfigResponse["event"]>;

/** Hears of rules that cannot be used. */
export type RuleFaultListener = NonNullable<ConstructorParameters<typeof RuleBook>[1]>;

interface Draft {
  readonly providers: Map<string, Upstream>;
  readonly deployments: Map<string, DeployedModel>;
  /** What is meant by each alias. */
  readonly aliases: Map<string, string>;
  readonly rules: Map<string, RouteRule>;
}

/** Providers, deployments, aliases and rules for routes as WatchConfig tells of them. What came counts once `synced` says that it is whole. */
export class ConfigState {
  /** Resolves at the first `synced`. */
  readonly synced: Promise<void>;
  readonly #synced = Promise.withResolvers<void>();
  #draft: Draft = emptyDraft();
  #routes = createRoutingTable([], []);
  #isChanged = false;
  #rules = new RuleBook();
  #areRulesChanged = false;
  #seal: IdSeal | undefined;
  readonly #onFault: RuleFaultListener;
  #onRoutes: (before: RoutingTable) => void = () => undefined;

  /** @param onFault hears of rules that cannot be used */
  constructor(onFault: RuleFaultListener = () => undefined) {
    this.synced = this.#synced.promise;
    this.#onFault = onFault;
  }

  /** Rules for routes as they are now. */
  get rules(): RuleBook {
    return this.#rules;
  }

  /** By what the ids of what providers keep are sealed; undefined where the directory tells no key. */
  get seal(): IdSeal | undefined {
    return this.#seal;
  }

  get routes(): RoutingTable {
    return this.#routes;
  }

  /** @param listener hears, once there are others, of the routes as they were before */
  onRoutes(listener: (before: RoutingTable) => void): void {
    this.#onRoutes = listener;
  }

  apply(event: ConfigEvent): void {
    if (event.$case === "sealingKey") {
      this.#seal = new IdSeal(event.value);
      return;
    }
    if (event.$case !== "synced") this.#isChanged = true;
    switch (event.$case) {
      case "snapshotStarted":
        this.#draft = emptyDraft();
        this.#areRulesChanged = true;
        return;
      case "routeRule":
        this.#draft.rules.set(event.value.id, event.value);
        this.#areRulesChanged = true;
        return;
      case "removedRouteRuleId":
        this.#draft.rules.delete(event.value);
        this.#areRulesChanged = true;
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
    const { providers, deployments, aliases, rules } = this.#draft;
    if (this.#areRulesChanged) this.#rules = new RuleBook(rules.values(), this.#onFault);
    this.#areRulesChanged = false;
    const before = this.#routes;
    this.#routes = createRoutingTable(providers.values(), deployments.values(), aliases);
    this.#isChanged = false;
    this.#onRoutes(before);
  }
}

function emptyDraft(): Draft {
  return { providers: new Map(), deployments: new Map(), aliases: new Map(), rules: new Map() };
}

const KINDS: ReadonlyMap<Kind, ProviderKind> = new Map([
  [Kind.PROVIDER_KIND_OPENAI, "openai"],
  [Kind.PROVIDER_KIND_AZURE, "azure"],
  [Kind.PROVIDER_KIND_ANTHROPIC, "anthropic"],
  [Kind.PROVIDER_KIND_GEMINI, "gemini"],
  [Kind.PROVIDER_KIND_COHERE, "cohere"],
  [Kind.PROVIDER_KIND_MISTRAL, "mistral"],
  [Kind.PROVIDER_KIND_DEEPSEEK, "deepseek"],
  [Kind.PROVIDER_KIND_GROQ, "groq"],
  [Kind.PROVIDER_KIND_TOGETHER, "together"],
  [Kind.PROVIDER_KIND_PERPLEXITY, "perplexity"],
  [Kind.PROVIDER_KIND_LAMBDA, "lambda"],
  [Kind.PROVIDER_KIND_OLLAMA, "ollama"],
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
