import { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import { START_MS } from "./accounts.ts";
import { Agenda } from "./agenda.ts";
import { Auditor } from "./auditor.ts";
import type { Counters } from "./counters.ts";
import { GatewayHost } from "./gateway-host.ts";
import { expectAtRest } from "./invariants/rest.ts";
import { Operator } from "./operator.ts";
import type { RequestPlan, Step, Strike } from "./schedule.ts";
import { GATEWAYS } from "./schedule.ts";
import type { Surroundings } from "./surroundings.ts";
import { Tally } from "./tally.ts";
import { GRACE_MS, TTL_MS } from "./times.ts";
import { Trace, Violation } from "./trace.ts";
import { SimWallet } from "./wallet.ts";

/** The longest that a stream of the schedule takes. */
const LONGEST_STREAM_MS = 90_000;
/** Time enough for everything that is retried, once all faults are over. */
const SETTLE_MS = 20_000;

/** What is asked for just before a fault. */
const ORDINARY: Omit<RequestPlan, "leaf"> = { gateway: 0, worstNanos: 10, worstTokens: 5, costPercent: 90, durationMs: 400, isImpatient: false };

/** One run: gateways, wallet, network, disks, clients and operators, all on one virtual clock. */
export class World {
  readonly trace = new Trace(START_MS);
  readonly #surroundings: Surroundings;
  readonly #books = new MemoryBooks();
  readonly #hosts: readonly GatewayHost[];
  readonly #operator: Operator;

  /** @param isLimited whether the run begins with limits of the seed's choice; without, with none */
  constructor(seed: number, counters: Counters, isLimited = true) {
    const agenda = new Agenda(START_MS);
    const tally = new Tally();
    const books = this.#books;
    const auditor = new Auditor({ books, tally, counters });
    const wallet = new SimWallet({ seed, agenda, counters, trace: this.trace, books, auditor });
    this.#surroundings = { seed, agenda, counters, trace: this.trace, tally, auditor, wallet };
    this.#operator = new Operator({ seed, books, wallet, counters, trace: this.trace, agenda, isAlive: (lease) => this.#isAlive(lease) });
    if (isLimited) this.#operator.setFirstLimits();
    this.#hosts = Array.from({ length: GATEWAYS }, (_, index) => new GatewayHost(this.#surroundings, index));
  }

  /**
   * Runs a schedule, then ends every fault, lets everything come to rest and looks at what is left.
   * @throws Violation at the first invariant that does not hold
   */
  run(steps: readonly Step[]): void {
    const { agenda } = this.#surroundings;
    for (const step of steps) {
      agenda.runUntil(agenda.nowMs + step.waitMs);
      if (step.type !== "request") this.trace.note(agenda.nowMs, JSON.stringify(step));
      this.#take(step);
    }
    this.#comeToRest();
  }

  #take(step: Step): void {
    if (step.type === "wallet-restart") return this.#surroundings.wallet.restart(step.downMs);
    if (step.type === "limit") return this.#operator.setLimit(step);
    if (step.type === "operator-close") return this.#operator.close(step);
    const host = this.#hosts[step.gateway];
    if (host === undefined) return;
    if ("busy" in step) this.#strike(host, step, () => breakAt(host, step));
    else happenAt(host, step);
  }

  /** A fault in the midst of a few requests. */
  #strike(host: GatewayHost, { busy, lagMs }: Strike, fault: () => void): void {
    for (let count = 0; count < busy; count += 1) host.request({ ...ORDINARY, leaf: count });
    this.#surroundings.agenda.after(lagMs, fault);
  }

  #comeToRest(): void {
    const { agenda } = this.#surroundings;
    this.trace.note(agenda.nowMs, "all faults end");
    for (const host of this.#hosts) host.heal();
    agenda.runUntil(agenda.nowMs + SETTLE_MS);
    for (let waitedMs = 0; this.#streaming() > 0 && waitedMs < LONGEST_STREAM_MS; waitedMs += 1_000) agenda.runUntil(agenda.nowMs + 1_000);
    for (const host of this.#hosts) host.heal();
    this.#stopAll();
    for (const host of this.#hosts) host.startOnceMore();
    agenda.runUntil(agenda.nowMs + SETTLE_MS);
    this.#stopAll();
    agenda.runUntil(agenda.nowMs + TTL_MS + GRACE_MS + 2_000);
    const present = new Set(this.#hosts.flatMap(({ gatewayId }) => gatewayId ?? []));
    expectAtRest(this.#books, present, this.#surroundings);
  }

  #stopAll(): void {
    const { agenda } = this.#surroundings;
    for (const host of this.#hosts) host.end();
    agenda.runUntil(agenda.nowMs + SETTLE_MS);
    const hanging = this.#processes().map(({ name }) => name);
    if (hanging.length > 0) throw new Violation(`hang: ${hanging.join(", ")} did not drain and exit`);
  }

  #processes(): GatewayHost["processes"] {
    return this.#hosts.flatMap(({ processes }) => processes);
  }

  #streaming(): number {
    return this.#processes().reduce((sum, { requests }) => sum + requests.streaming + requests.unanswered, 0);
  }

  /** Whether a process that may spend a lease is still there. */
  #isAlive({ gatewayId, incarnation }: { readonly gatewayId: string; readonly incarnation: bigint }): boolean {
    return this.#processes().some(({ watch: { identity } }) => identity?.gatewayId === gatewayId && identity.incarnation === incarnation);
  }
}

function breakAt(host: GatewayHost, step: Extract<Step, Strike>): void {
  switch (step.type) {
    case "crash":
      return host.crash(step.downMs);
    case "machine-restart":
      return host.restartMachine(step.downMs, step.keptPercent, step.isDamaged);
    case "lost-disk":
      return host.loseDisk(step.downMs);
    case "write-failure":
      return host.failDisk("write", false);
    case "fsync-failure":
      return host.failDisk("fsync", step.isKilled);
    case "moved-disk":
      return host.moveDisk(step.keptPercent);
  }
}

function happenAt(host: GatewayHost, step: Exclude<Extract<Step, { gateway: number }>, Strike>): void {
  switch (step.type) {
    case "request":
      return host.request(step);
    case "burst":
      for (let count = 0; count < step.count; count += 1) host.request(step);
      return;
    case "reserve":
      return host.reserve(step);
    case "noise":
      return host.disturb(step, step.forMs);
    case "partition":
      return host.cut(step.direction, step.forMs);
    case "clean-restart":
      return host.stopCleanly(step.downMs);
    case "pause":
      return host.pause(step.forMs);
    case "drift":
      return host.drift(step.perMille);
    case "copied-disk":
      return host.copyDisk(step.isOld);
  }
}
