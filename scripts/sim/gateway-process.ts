import type { Effect, HaltReason } from "../../services/gateway/src/leases/effect.ts";
import type { JournalEntry } from "../../services/gateway/src/leases/journal-entry.ts";
import { foldJournal } from "../../services/gateway/src/leases/journal-state.ts";
import { LeaseCore } from "../../services/gateway/src/leases/lease-core.ts";
import type { Recovery } from "../../services/gateway/src/leases/lease-input.ts";
import { HeldCalls } from "./held-calls.ts";
import { Promises } from "./invariants/promises.ts";
import { JournalHandle } from "./journal-handle.ts";
import type { Machine } from "./machine.ts";
import type { ProcessParts } from "./process-parts.ts";
import { ProcessRequests } from "./process-requests.ts";
import { ProcessWatch } from "./process-watch.ts";
import { Random } from "./random.ts";
import type { RequestPlan } from "./schedule.ts";
import type { Surroundings } from "./surroundings.ts";
import { Violation } from "./trace.ts";
import { WalletCalls } from "./wallet-calls.ts";

/** Why a process is over. */
export type ExitReason = "killed" | "drained" | "superseded";

interface GatewayProcessParts {
  readonly name: string;
  readonly machine: Machine;
  readonly world: Surroundings;
  readonly onExit: (process: GatewayProcess, why: ExitReason) => void;
}

/** One process of a gateway: the real core, between a virtual disk, network, clock and providers. */
export class GatewayProcess {
  readonly name: string;
  readonly journal: JournalHandle<JournalEntry>;
  readonly requests: ProcessRequests;
  readonly watch: ProcessWatch;
  readonly #machine: Machine;
  readonly #world: Surroundings;
  readonly #onExit: GatewayProcessParts["onExit"];
  readonly #core = new LeaseCore({ compactAfter: 60, maxWaiting: 200 });
  readonly #random: Random;
  readonly #held: HeldCalls;
  readonly #promises: Promises;
  readonly #calls: WalletCalls;
  #halted: HaltReason | undefined;
  #isOver = false;
  #isStopping = false;

  constructor({ name, machine, world, onExit }: GatewayProcessParts) {
    this.name = name;
    this.#machine = machine;
    this.#world = world;
    this.#onExit = onExit;
    this.#random = new Random(world.seed, name);
    this.#held = new HeldCalls(world.agenda);
    this.#promises = new Promises(world.counters);
    this.journal = this.#openJournal();
    const parts = this.#parts();
    this.#calls = new WalletCalls(parts);
    this.requests = new ProcessRequests(parts, this.#calls);
    this.watch = new ProcessWatch(parts);
  }

  get isHalted(): boolean {
    return this.#halted !== undefined;
  }

  start(startId: string, newGatewayId: string): void {
    const { disk, bootId, isAlwaysSynced } = this.#machine;
    const { entries, isCorrupt, isMarkedLost } = disk.recovered();
    const recovery = { state: foldJournal(entries), bootId, isCorrupt, isMarkedLost, isAlwaysSynced };
    this.#note(`starts as ${startId}`);
    this.#sawJournal(recovery);
    this.#do(this.#core.start({ startId, newGatewayId, recovery }, this.#nowMs()));
    this.#planTick();
  }

  request(plan: RequestPlan): void {
    this.requests.ask(plan);
  }

  reserve(plan: RequestPlan): void {
    this.requests.reserve(plan, () => this.watch.identity);
  }

  pause(forMs: number): void {
    this.#note(`is frozen for ${forMs} ms`);
    this.#held.hold(forMs);
  }

  thaw(): void {
    this.#held.release();
  }

  /** Ends at once: what is in memory is gone. */
  kill(): void {
    this.#note("is killed");
    this.#exit("killed");
  }

  /** Stops as a process that was asked to. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#note("stops");
    this.#soon(() => this.#core.stop(this.#nowMs()));
  }

  #openJournal(): JournalHandle<JournalEntry> {
    const { agenda, counters } = this.#world;
    const { disk, isAlwaysSynced } = this.#machine;
    return new JournalHandle(disk, {
      agenda,
      counters,
      isAlwaysSynced,
      random: this.#random,
      listener: {
        appended: (token) => this.#soon(() => this.#core.appended(token, this.#nowMs())),
        synced: (token) => this.#soon(() => this.#core.synced(token, this.#nowMs())),
        failed: () => this.#soon(() => this.#core.diskFailed(this.#nowMs())),
      },
    });
  }

  #parts(): ProcessParts {
    return {
      name: this.name,
      world: this.#world,
      link: this.#machine.link,
      random: this.#random,
      core: this.#core,
      promises: this.#promises,
      nowMs: () => this.#nowMs(),
      soon: (call) => this.#soon(call),
    };
  }

  /** Why the journal may be trusted, or not. */
  #sawJournal({ state, bootId, isCorrupt, isMarkedLost }: Recovery): void {
    const isOtherBoot = state.bootId !== undefined && state.bootId !== bootId;
    const why = isCorrupt || isMarkedLost ? "damaged or marked lost" : isOtherBoot ? trustIn(state) : undefined;
    if (why !== undefined) this.#world.counters.count(`rule: journal found ${why}`);
  }

  /** Every 50 ms or so; a busy process is late. */
  #planTick(): void {
    this.#world.agenda.after(this.#random.between(50, 130), () => {
      if (this.#isOver) return;
      if (!this.#held.isHolding) this.#tick();
      this.#planTick();
    });
  }

  #tick(): void {
    this.#do(this.#core.tick(this.#nowMs()));
    this.requests.expectAnswers(this.#held.goingForMs);
    this.watch.tick();
  }

  #do(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "append":
        return this.#append(effect.token, effect.entries, effect.sync);
      case "compact":
        return this.journal.compact(effect.token, effect.entries);
      case "hello":
        return this.watch.say(effect);
      case "acquire":
        return this.#calls.acquire(effect);
      case "settle":
        return this.#calls.settle(effect);
      case "admitted":
        return this.requests.admitted(effect);
      case "refused":
        return this.requests.refused(effect);
      case "timedOut":
        return this.requests.timedOut(effect);
      case "acknowledged":
        return this.#world.counters.count("rule: awaited settlement acknowledged");
      case "report":
        for (const { ref } of effect.records) this.requests.noteLater(ref);
        return this.#world.counters.count("rule: usage of a crashed process reported");
      case "halted":
        return this.#halt(effect.reason);
      case "drained":
        return this.#drained();
    }
  }

  #append(token: number, entries: readonly JournalEntry[], sync: boolean): void {
    this.#promises.writing(entries);
    for (const entry of entries) {
      if (entry.type === "intent") this.#world.tally.intended(entry, entry.accountId, entry.worst);
    }
    this.journal.append(token, entries, sync);
  }

  #halt(reason: HaltReason): void {
    this.#note(`halts: ${reason}`);
    this.#world.counters.count(`rule: halted as ${reason}`);
    this.#halted = reason;
    this.stop();
  }

  #drained(): void {
    const { streaming } = this.requests;
    if (streaming > 0) throw new Violation(`hang: ${this.name} says that it is over with ${streaming} calls under way`);
    this.#exit("drained");
  }

  #exit(why: ExitReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.watch.end();
    this.journal.end();
    this.#note(`is over: ${why}`);
    this.#onExit(this, this.#halted === "superseded" ? "superseded" : why);
  }

  #soon(call: () => readonly Effect[]): void {
    this.#held.run(() => {
      if (!this.#isOver) this.#do(call());
    });
  }

  #nowMs(): number {
    return this.#machine.clock.nowMs;
  }

  #note(text: string): void {
    this.#world.trace.note(this.#world.agenda.nowMs, `${this.name} ${text}`);
  }
}

/** What a journal of an earlier boot says for itself. */
function trustIn({ isClean, isAlwaysSynced }: Recovery["state"]): string {
  if (isClean) return "clean";
  return isAlwaysSynced ? "always synced" : "of an earlier boot";
}
