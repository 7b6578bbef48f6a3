import { fail } from "@alfred/errors";
import type { CallContext } from "../call/context.ts";
import { implement } from "../call/implement.ts";
import type { ServiceBinding } from "../call/implement.ts";
import { Broadcast } from "../watch/broadcast.ts";
import { healthService, ServingStatus } from "./health-contract.ts";

type Answer = { readonly status: ServingStatus };

/** grpc.health.v1.Health for a server whose services are all ready or all not; "" asks for the server as a whole. */
export class Health {
  readonly binding: ServiceBinding;
  readonly #services: ReadonlySet<string>;
  readonly #changes = new Broadcast<Answer>();
  #status: ServingStatus = ServingStatus.NOT_SERVING;

  constructor(services: readonly string[]) {
    this.#services = new Set(["", ...services]);
    const handlers = {
      check: async ({ service }: { service: string }) => this.#check(service),
      watch: ({ service }: { service: string }, context: CallContext) => this.#watch(service, context.signal),
    };
    this.binding = implement(healthService(), handlers, { open: true });
  }

  /** Sets what is answered from now on. */
  set(isServing: boolean): void {
    const status = isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    if (status === this.#status) return;
    this.#status = status;
    this.#changes.publish({ status });
  }

  #check(service: string): Answer {
    if (!this.#services.has(service)) throw fail("NOT_FOUND", `There is no service "${service}" here.`);
    return { status: this.#status };
  }

  async *#watch(service: string, signal: AbortSignal): AsyncGenerator<Answer> {
    const changes = this.#changes.subscribe({ signal });
    const isKnown = this.#services.has(service);
    yield { status: isKnown ? this.#status : ServingStatus.SERVICE_UNKNOWN };
    for await (const change of changes) if (isKnown) yield change;
  }
}
