import { AlfredError, isFailure } from "@alfred/errors";
import type { Route } from "../domain/route.ts";
import type { Plan } from "./plan.ts";

/** How a request is planned for a route. */
type Planner = (route: Route, limitTokens?: bigint) => Plan;

/**
 * Where a request can go, in the order in which that is tried. Each is planned only when its turn comes, since what is sent
 * and what it can cost are its own; what cannot serve the request is passed over.
 */
export class Candidates {
  readonly #routes: readonly Route[];
  readonly #plan: Planner;
  #next = 0;

  /** @param routes at least one */
  constructor(routes: readonly Route[], plan: Planner) {
    this.#routes = routes;
    this.#plan = plan;
  }

  /** Whether there is another. */
  get hasNext(): boolean {
    return this.#next < this.#routes.length;
  }

  /** The first that can serve the request. @throws AlfredError what the first of all says, where none can */
  first(): Plan {
    try {
      return this.#planNext();
    } catch (error) {
      const plan = mayBeServedElsewhere(error) ? this.next() : undefined;
      if (plan === undefined) throw error;
      return plan;
    }
  }

  /**
   * The next that can serve the request, whatever hinders the others; undefined where there is none.
   * @param limitTokens what each answer is to be cut to
   */
  next(limitTokens?: bigint): Plan | undefined {
    while (this.hasNext) {
      try {
        return this.#planNext(limitTokens);
      } catch (error) {
        if (!(error instanceof AlfredError)) throw error;
      }
    }
    return undefined;
  }

  #planNext(limitTokens?: bigint): Plan {
    const route = this.#routes[this.#next];
    if (route === undefined) throw new RangeError("There is no candidate.");
    this.#next += 1;
    return this.#plan(route, limitTokens);
  }
}

/** Another provider may do what this one cannot, or at a price that is known. */
export function mayBeServedElsewhere(error: unknown): boolean {
  return isFailure(error, "FEATURE_UNSUPPORTED") || isFailure(error, "PRICE_UNKNOWN");
}
