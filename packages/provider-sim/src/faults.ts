import { hash } from "node:crypto";
import type { Behaviour, BehaviourField } from "./behaviour.ts";
import { BoundedMap } from "./bounded-map.ts";
import type { Exchange } from "./exchange.ts";
import { SimError } from "./sim-error.ts";

/** The fields that spoil an answer, as opposed to those that shape or slow it; the first that is set names the fault. */
const FAULTS = [
  "reset",
  "stall",
  "nonJson",
  "status",
  "cutAfter",
  "truncateAfter",
  "stallAfter",
  "errorAfter",
  "malformedAfter",
] as const satisfies readonly BehaviourField[];

/** How many requests are remembered for `failFirst`; the oldest is forgotten first. */
const REMEMBERED_REQUESTS = 10_000;

/** Says which attempts meet their faults. */
export class FaultGate {
  readonly #attempts = new BoundedMap<number>(REMEMBERED_REQUESTS);
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * The behaviour of this attempt. With `failFirst` or `errorRate` only the attempts that these pick keep their faults, a
   * status 500 where none is named; the others lose them. Without either, the behaviour stands as it is.
   */
  attempt(behaviour: Behaviour, exchange: Exchange): Behaviour {
    const { failFirst, errorRate } = behaviour;
    if (failFirst === undefined && errorRate === undefined) return noted(behaviour, exchange);
    if (failFirst !== undefined) exchange.record.attempt = this.#count(attemptKey(behaviour, exchange));
    const early = failFirst !== undefined && exchange.record.attempt <= failFirst;
    const unlucky = errorRate !== undefined && this.#random() < errorRate;
    if (!early && !unlucky) return withoutFaults(behaviour);
    return noted(faultOf(behaviour) === undefined ? { ...behaviour, status: 500 } : behaviour, exchange);
  }

  /** The number of this attempt, from 1. */
  #count(key: string): number {
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return attempt;
  }
}

function attemptKey(behaviour: Behaviour, { request, record }: Exchange): string {
  return behaviour.failKey ?? hash("sha1", `${request.url ?? ""}\n${record.body}`);
}

function faultOf(behaviour: Behaviour): BehaviourField | undefined {
  return FAULTS.find((fault) => behaviour[fault] !== undefined && behaviour[fault] !== false);
}

function withoutFaults(behaviour: Behaviour): Behaviour {
  const kept: Record<string, unknown> = { ...behaviour };
  for (const fault of FAULTS) delete kept[fault];
  return kept;
}

function noted(behaviour: Behaviour, exchange: Exchange): Behaviour {
  exchange.record.fault = faultOf(behaviour) ?? null;
  return behaviour;
}

/** The error that `status` asks for; a 429 always says when to come back. */
function demandedError(status: number, { errorCode, retryAfterS }: Behaviour): SimError {
  const afterS = retryAfterS ?? (status === 429 ? 1 : undefined);
  return new SimError(status, "demanded", { code: errorCode ?? null, retryAfterS: afterS });
}

/**
 * What happens before the first byte: the delay, then a reset, a stall or an error status (thrown). Gives false when
 * nothing is left to answer. An HTML page carries its own status, so that one is not thrown.
 */
export async function passOpeningFaults(exchange: Exchange, behaviour: Behaviour): Promise<boolean> {
  if (behaviour.delayMs !== undefined && !(await exchange.pause(behaviour.delayMs))) return false;
  if (behaviour.reset) {
    exchange.reset();
    return false;
  }
  if (behaviour.stall) {
    await exchange.stall();
    return false;
  }
  if (behaviour.status !== undefined && !behaviour.nonJson) throw demandedError(behaviour.status, behaviour);
  return true;
}
