import type { WatchConfigResponse, WatchPricesResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { RuleBook } from "@alfred/routing";
import type { KeyRing } from "@alfred/rpc";
import { PriceBook } from "@alfred/money";
import type { Prices, RoutingTable } from "../domain/route.ts";
import type { IdSeal } from "../stored/id-seal.ts";
import { ConfigState, type RuleFaultListener } from "./config-state.ts";
import { ModelLists } from "./model-lists.ts";
import { PriceState } from "./price-state.ts";

/** What the gateway knows of the installation, held in memory and fed by watches. */
export class Feeds {
  /** Resolves once keys, configuration and prices were each synced. */
  readonly synced: Promise<void>;
  /** Which models keys may use. */
  readonly modelLists: ModelLists;
  readonly #config: ConfigState;
  readonly #prices = new PriceState(() => new PriceBook());
  readonly #revoked = new Set<string>();
  #isSynced = false;

  /** @param onRuleFault hears of rules for routes that cannot be used */
  constructor(keys: KeyRing, onRuleFault?: RuleFaultListener) {
    this.#config = new ConfigState(onRuleFault);
    this.modelLists = new ModelLists(keys);
    keys.onKey(({ id, revokeTime }) => {
      if (revokeTime !== undefined) this.#revoked.add(id);
    });
    this.synced = this.#awaitAll(keys);
  }

  /** Providers and deployments as they are now. */
  get routes(): RoutingTable {
    return this.#config.routes;
  }

  /** @param listener hears, once there are others, of the routes as they were before */
  onRoutes(listener: (before: RoutingTable) => void): void {
    this.#config.onRoutes(listener);
  }

  /** Rules for routes as they are now. */
  get rules(): RuleBook {
    return this.#config.rules;
  }

  /** By what the ids of what providers keep are sealed; undefined where the directory tells no key. */
  get seal(): IdSeal | undefined {
    return this.#config.seal;
  }

  /** Prices as they are now. */
  get prices(): Prices {
    return this.#prices.book;
  }

  /** What names the content of the price book. */
  get priceRevision(): bigint {
    return this.#prices.revision;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Whether a key was revoked: its requests under way finish what they hold, and get no more. */
  isRevoked(keyId: string): boolean {
    return this.#revoked.has(keyId);
  }

  /** @throws AlfredError UNAVAILABLE before the first sync of each feed */
  requireSynced(): void {
    if (!this.#isSynced) throw fail("UNAVAILABLE", "The gateway does not know its providers and prices yet.");
  }

  applyConfig(event: NonNullable<WatchConfigResponse["event"]>): void {
    this.#config.apply(event);
  }

  applyPrices(event: NonNullable<WatchPricesResponse["event"]>): void {
    this.#prices.apply(event);
  }

  async #awaitAll(keys: KeyRing): Promise<void> {
    await Promise.all([keys.ready, this.#config.synced, this.#prices.synced]);
    this.#isSynced = true;
  }
}
