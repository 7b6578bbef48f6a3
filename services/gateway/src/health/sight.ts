import type { Principal } from "@alfred/rpc";
import type { ModelList } from "../domain/allowed-models.ts";
import { modelsInReach } from "../domain/reach.ts";
import type { Prices, RoutingTable, Upstream } from "../domain/route.ts";
import type { Feeds } from "../feeds/feeds.ts";
import { type ProviderStatus, stateOf } from "./health-board.ts";

type Known = Pick<Feeds, "routes" | "prices" | "modelLists">;

/** What a key may use, and of which state of the installation that is said. */
interface Reach {
  readonly routes: RoutingTable;
  readonly prices: Prices;
  readonly lists: readonly ModelList[];
  /** Models by provider, as it names them. */
  readonly models: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * What a caller sees of the providers. Root and peers see all. A key of an organisation sees what it may use of that which
 * is configured or has a price: other names are what other organisations asked for.
 */
export class Sight {
  /** Whether it sees what others ask of them, too. */
  readonly isWhole: boolean;
  readonly #known: Known;
  readonly #key: Principal["key"];
  readonly #now: () => number;
  #reach: Reach | undefined;

  constructor(known: Known, { key, tenant }: Pick<Principal, "key" | "tenant">, now: () => number) {
    this.#known = known;
    this.#key = key;
    this.#now = now;
    this.isWhole = tenant === undefined;
  }

  /**
   * A provider as the caller sees it; undefined where it does not.
   * @throws AlfredError UNAVAILABLE while it is not known what the key may use
   */
  of(status: ProviderStatus): ProviderStatus | undefined {
    if (this.isWhole) return status;
    const { upstream } = status;
    const reach = this.#current();
    const reached = reach.models.get(upstream.id);
    if (reached === undefined && reach.lists.length > 0) return undefined;
    const sees = (model: string): boolean => reached?.has(model) === true || (reach.lists.length === 0 && this.#isPublic(upstream, model));
    const deployments = status.deployments.filter(({ model }) => sees(model));
    // A model that only others ask for is not to be told of by how its provider does either.
    return { ...status, deployments, state: stateOf(deployments, status.check) };
  }

  /** Whether everybody may know that a provider has a model. */
  #isPublic({ id, priceBook }: Upstream, model: string): boolean {
    const { routes, prices } = this.#known;
    const isConfigured = routes.byProvider.get(id)?.some(({ upstreamModel }) => upstreamModel === model) === true;
    return isConfigured || (priceBook !== "" && prices.find(priceBook, model, new Date(this.#now()))?.model === model);
  }

  #current(): Reach {
    const { routes, prices, modelLists } = this.#known;
    const lists = modelLists.of(this.#key);
    const { routes: readRoutes, prices: readPrices, lists: readLists } = this.#reach ?? {};
    if (this.#reach !== undefined && readRoutes === routes && readPrices === prices && readLists === lists) return this.#reach;
    return (this.#reach = { routes, prices, lists, models: modelsInReach(routes, prices, lists, new Date(this.#now())) });
  }
}
