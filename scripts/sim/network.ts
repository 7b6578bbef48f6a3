import type { Agenda } from "./agenda.ts";
import type { Counters } from "./counters.ts";
import { Random } from "./random.ts";

/** What is wrong with a link for a while. */
export interface Noise {
  readonly dropPercent: number;
  readonly doublePercent: number;
  readonly delayMs: number;
}

export type Direction = "to-wallet" | "to-gateway";

const QUIET: Noise = { dropPercent: 0, doublePercent: 0, delayMs: 0 };
/** The slowest message of a healthy link. */
const LATENCY_MS = 20;

/** The way between one gateway and the wallet. Calls take any order; what a stream carries arrives in its own order. */
export class Link {
  readonly #agenda: Agenda;
  readonly #counters: Counters;
  readonly #random: Record<Direction, Random>;
  #noise = QUIET;
  #noiseEndMs = 0;
  readonly #cutUntilMs: Record<Direction, number> = { "to-wallet": 0, "to-gateway": 0 };
  readonly #sent: Record<Direction, number> = { "to-wallet": 0, "to-gateway": 0 };
  readonly #arrived: Record<Direction, number> = { "to-wallet": 0, "to-gateway": 0 };

  constructor(agenda: Agenda, counters: Counters, seed: number, name: string) {
    this.#agenda = agenda;
    this.#counters = counters;
    this.#random = { "to-wallet": new Random(seed, `${name} up`), "to-gateway": new Random(seed, `${name} down`) };
  }

  disturb(noise: Noise, forMs: number): void {
    this.#noise = noise;
    this.#noiseEndMs = this.#agenda.nowMs + forMs;
  }

  cut(direction: Direction | "both", forMs: number): void {
    const untilMs = this.#agenda.nowMs + forMs;
    if (direction !== "to-gateway") this.#cutUntilMs["to-wallet"] = untilMs;
    if (direction !== "to-wallet") this.#cutUntilMs["to-gateway"] = untilMs;
  }

  /** Ends whatever is wrong; what was delayed still comes late. */
  heal(): void {
    this.#noiseEndMs = 0;
    this.#cutUntilMs["to-wallet"] = 0;
    this.#cutUntilMs["to-gateway"] = 0;
  }

  isCut(direction: Direction): boolean {
    return this.#cutUntilMs[direction] > this.#agenda.nowMs;
  }

  /** Sends a message of a call: it may be lost, come twice, late, and after those sent later. */
  send(direction: Direction, deliver: () => void): void {
    const copies = this.#copies(direction);
    for (let copy = 0; copy < copies; copy += 1) {
      const number = (this.#sent[direction] += 1);
      this.#agenda.after(this.#delayMs(direction), () => this.#arrive(direction, number, deliver));
    }
  }

  /** How long a message of a stream takes; undefined where the link loses it, which breaks the stream. */
  streamDelayMs(direction: Direction): number | undefined {
    if (this.isCut(direction)) {
      this.#counters.count("fault: partition cut a message");
      return undefined;
    }
    // A stream resends what is lost, so that only a bad link breaks it, and less often than it loses a call.
    if (this.#random[direction].chance(this.#now().dropPercent / 4)) {
      this.#counters.count("fault: stream broken");
      return undefined;
    }
    return this.#delayMs(direction);
  }

  #copies(direction: Direction): number {
    const noise = this.#now();
    const random = this.#random[direction];
    if (this.isCut(direction)) {
      this.#counters.count("fault: partition cut a message");
      return 0;
    }
    if (random.chance(noise.dropPercent)) {
      this.#counters.count("fault: message dropped");
      return 0;
    }
    if (!random.chance(noise.doublePercent)) return 1;
    this.#counters.count("fault: message doubled");
    return 2;
  }

  #delayMs(direction: Direction): number {
    const random = this.#random[direction];
    const { delayMs } = this.#now();
    const late = delayMs > 0 && random.chance(40) ? random.below(delayMs) : 0;
    if (late > 1_000) this.#counters.count("fault: message delayed");
    return 1 + random.below(LATENCY_MS) + late;
  }

  #arrive(direction: Direction, number: number, deliver: () => void): void {
    if (number < this.#arrived[direction]) this.#counters.count("fault: message overtaken");
    this.#arrived[direction] = Math.max(number, this.#arrived[direction]);
    deliver();
  }

  #now(): Noise {
    return this.#agenda.nowMs < this.#noiseEndMs ? this.#noise : QUIET;
  }
}
