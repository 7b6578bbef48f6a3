import { type Call, ModelPrice } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import type { RequestFacts } from "@alfred/routing";
import { type Route, routesOf } from "../domain/route.ts";
import type { Feeds } from "../feeds/feeds.ts";
import { TEAM_KINDS, USER_KINDS, accountOf } from "../usage/record.ts";
import { type Holder, findHolder } from "../stored/holder.ts";
import type { Payer } from "./caller.ts";
import type { Plan } from "./plan.ts";

/** A request as far as its route depends on it. */
export interface Routable {
  readonly call: Call | undefined;
  /** The model as the client named it. */
  readonly model: string;
  /** Whether the answer is to be told as it comes. */
  readonly streamed?: boolean;
  /** Where what it goes on from is kept: it can go nowhere else. */
  readonly holder?: Holder | undefined;
  plan(route: Route): Pick<Plan, "bound" | "worst">;
}

const ANYBODY: Route["upstream"] = { id: "any", kind: "openai", baseUrl: "http://localhost", secret: "", priceBook: "" };

/** Where nobody serves the model that was named, its prompt is bounded as for this, or for what it goes on from. */
function anyRoute({ model, holder }: Routable): Route {
  const price = ModelPrice.create({ free: true });
  if (holder === undefined) return { upstream: ANYBODY, model, price };
  return { upstream: { ...ANYBODY, id: holder.providerId, priceBook: "openai" }, model: holder.model, price };
}

const NANOS_PER_USD = 1e9;

/** What is known of the installation. */
type Known = Pick<Feeds, "routes" | "prices">;

/** What rules for routes ask of a request, worked out where they ask. */
export class AskedFacts implements RequestFacts {
  readonly now: Date;
  readonly #known: Known;
  readonly #asked: Routable;
  readonly #payer: Payer;
  #plan: { readonly plan: ReturnType<Routable["plan"]> | undefined } | undefined;

  constructor(known: Known, asked: Routable, payer: Payer, now: Date) {
    this.now = now;
    this.#known = known;
    this.#asked = asked;
    this.#payer = payer;
  }

  get model(): string {
    return this.#asked.model;
  }

  get key(): string {
    return this.#payer.key.id;
  }

  get user(): string {
    return accountOf(this.#payer.path, USER_KINDS);
  }

  get team(): string {
    return accountOf(this.#payer.path, TEAM_KINDS);
  }

  get organisation(): string {
    return this.#payer.path.organisationId;
  }

  tag(name: string): string {
    return this.#asked.call?.tags[name] ?? "";
  }

  header(name: string): string {
    return this.#asked.call?.routeHeaders[name] ?? "";
  }

  /** What its prompt can have at most, as it is held for; undefined where the request cannot be sent to anybody. */
  promptTokens(): number | undefined {
    const plan = this.#planned() ?? this.#tried(anyRoute(this.#asked));
    return plan && Number(plan.bound.usage.inputTokens);
  }

  /** What it can cost at most where it goes without rules; undefined where it can go nowhere, or at no known price. */
  estimatedCostUsd(): number | undefined {
    const plan = this.#planned();
    return plan && Number(plan.worst.nanos) / NANOS_PER_USD;
  }

  #planned(): ReturnType<Routable["plan"]> | undefined {
    this.#plan ??= { plan: this.#tried(this.#route()) };
    return this.#plan.plan;
  }

  /** Where it goes without rules. */
  #route(): Route | undefined {
    const { routes, prices } = this.#known;
    const { model, holder } = this.#asked;
    return holder === undefined ? routesOf(routes, prices, model, this.now)[0] : findHolder(this.#known, [], model, holder, this.now);
  }

  /** Why it cannot be planned is told once it is known that it goes there. */
  #tried(route: Route | undefined): ReturnType<Routable["plan"]> | undefined {
    try {
      return route && this.#asked.plan(route);
    } catch (error) {
      if (error instanceof AlfredError) return undefined;
      throw error;
    }
  }
}
