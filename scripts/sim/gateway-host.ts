import type { JournalEntry } from "../../services/gateway/src/leases/journal-entry.ts";
import { foldJournal } from "../../services/gateway/src/leases/journal-state.ts";
import { LocalClock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { ExitReason } from "./gateway-process.ts";
import { GatewayProcess } from "./gateway-process.ts";
import type { Machine } from "./machine.ts";
import { Link } from "./network.ts";
import { Random } from "./random.ts";
import type { RequestPlan } from "./schedule.ts";
import type { Surroundings } from "./surroundings.ts";

/** How soon a process that ended is started again, unless a fault says otherwise. */
const RESTART_MS = 1_000;
/** How soon after its disk failed a process is killed: it has noticed, and its calls are under way. */
const KILL_MS = 80;
/** Where the clocks of machines may begin. */
const MACHINE_CLOCK_RANGE_MS = 10_000_000;

/** One place where a gateway runs: its machine and disk, what starts it again, and what of it still runs elsewhere. */
export class GatewayHost {
  readonly #world: Surroundings;
  readonly #name: string;
  readonly #random: Random;
  readonly #links: Link[] = [];
  /** Alive, the newest last. */
  #processes: GatewayProcess[] = [];
  #machine: Machine;
  #current: GatewayProcess | undefined;
  #restartMs = RESTART_MS;
  #isEnding = false;
  #starts = 0;
  #machines = 0;
  #oldDisk: Disk<JournalEntry> | undefined;

  constructor(world: Surroundings, index: number) {
    this.#world = world;
    this.#name = `gateway ${index}`;
    this.#random = new Random(world.seed, this.#name);
    this.#machine = this.#newMachine(new Disk<JournalEntry>());
    this.#start();
  }

  /** Processes that are alive. */
  get processes(): readonly GatewayProcess[] {
    return this.#processes;
  }

  request(plan: RequestPlan): void {
    this.#pick()?.request(plan);
  }

  reserve(plan: RequestPlan): void {
    this.#pick()?.reserve(plan);
  }

  disturb(noise: Parameters<Link["disturb"]>[0], forMs: number): void {
    for (const link of this.#links) link.disturb(noise, forMs);
  }

  cut(direction: Parameters<Link["cut"]>[0], forMs: number): void {
    this.#world.counters.count("fault: partition");
    this.#machine.link.cut(direction, forMs);
  }

  crash(downMs: number): void {
    if (this.#current === undefined) return;
    this.#world.counters.count("fault: process crashed");
    this.#restartMs = downMs;
    this.#current.kill();
  }

  restartMachine(downMs: number, keptPercent: number, isDamaged: boolean): void {
    this.#world.counters.count("fault: machine restarted");
    const disk = this.#machine.disk.afterPowerCut(keptPercent);
    if (disk.written < this.#machine.disk.written) this.#world.counters.count("fault: unsynced writes lost");
    if (isDamaged && disk.written > 2) {
      this.#world.auditor.damaged(this.gatewayId ?? "");
      disk.corrupt();
      this.#world.counters.count("fault: journal damaged");
    }
    this.#replaceMachine(disk, downMs);
  }

  loseDisk(downMs: number): void {
    this.#world.counters.count("fault: disk lost");
    this.#replaceMachine(new Disk<JournalEntry>(), downMs);
  }

  /** Fails what is asked of the disk next; `isKilled` ends the process before it can settle what it has in memory. */
  failDisk(failure: "write" | "fsync", isKilled: boolean): void {
    const { disk } = this.#machine;
    const process = this.#current;
    if (isKilled) this.#world.agenda.after(KILL_MS, () => process?.kill());
    disk.failure = failure;
    // The next process finds it well: it failed for want of room, or was exchanged with what it held.
    this.#world.agenda.after(3_000, () => (disk.failure = undefined));
  }

  stopCleanly(downMs: number): void {
    this.#restartMs = downMs;
    this.#current?.stop();
  }

  pause(forMs: number): void {
    if (this.#current === undefined) return;
    this.#world.counters.count("fault: process frozen");
    this.#current.pause(forMs);
  }

  drift(perMille: number): void {
    this.#world.counters.count("fault: clock drifted");
    this.#machine.clock.drift(perMille);
  }

  /** The disk turns up at another machine, as after a power cut, while the old process runs on and can write no more. */
  moveDisk(keptPercent: number): void {
    const old = this.#current;
    if (old === undefined) return;
    this.#world.counters.count("fault: disk moved from under a process");
    old.journal.detach();
    this.#machine = this.#newMachine(this.#machine.disk.afterPowerCut(keptPercent));
    this.#start();
  }

  /** A copy of the disk, of now or of an earlier start, is started elsewhere while the first runs on. */
  copyDisk(isOld: boolean): void {
    const disk = isOld ? this.#oldDisk : this.#machine.disk.copy();
    if (disk === undefined || this.#current === undefined || vouches(disk)) return;
    this.#world.counters.count(isOld ? "fault: old copy of a disk started" : "fault: copy of a disk started");
    this.#launch(this.#newMachine(disk.copy()));
  }

  /** Ends every fault; what is frozen goes on and what is down starts. */
  heal(): void {
    for (const link of this.#links) link.heal();
    this.#machine.clock.drift(0);
    this.#machine.disk.failure = undefined;
    for (const process of this.#processes) process.thaw();
  }

  /** Asks every process to stop, and starts none again. */
  end(): void {
    this.#isEnding = true;
    for (const process of this.#processes) process.stop();
  }

  /** Starts once more, so that what an earlier start could not know of is seen to. */
  startOnceMore(): void {
    if (this.#current === undefined) this.#start();
  }

  /** The gateway that will come back whenever this host starts; undefined where nothing was ever written. */
  get gatewayId(): string | undefined {
    return foldJournal(this.#machine.disk.recovered().entries).gatewayId || undefined;
  }

  /** Any process that takes requests: after a copy of a disk there may be two. */
  #pick(): GatewayProcess | undefined {
    const ready = this.#processes.filter(({ isHalted }) => !isHalted);
    return ready[this.#random.below(Math.max(1, ready.length))];
  }

  #newMachine(disk: Disk<JournalEntry>): Machine {
    const name = `${this.#name} machine ${(this.#machines += 1)}`;
    const { agenda, counters, seed } = this.#world;
    const link = new Link(agenda, counters, seed, name);
    this.#links.push(link);
    return {
      bootId: `boot of ${name}`,
      clock: new LocalClock(agenda, this.#random.below(MACHINE_CLOCK_RANGE_MS)),
      link,
      disk,
      isAlwaysSynced: this.#random.chance(25),
    };
  }

  #replaceMachine(disk: Disk<JournalEntry>, downMs: number): void {
    this.#machine = this.#newMachine(disk);
    this.#restartMs = downMs;
    if (this.#current === undefined) return;
    this.#current.kill();
  }

  #start(): void {
    const { disk } = this.#machine;
    this.#oldDisk = disk.copy();
    this.#current = this.#launch(this.#machine);
  }

  #launch(machine: Machine): GatewayProcess {
    const number = (this.#starts += 1);
    const process = new GatewayProcess({
      name: `${this.#name} process ${number}`,
      machine,
      world: this.#world,
      onExit: (ended, why) => this.#ended(ended, why),
    });
    this.#processes.push(process);
    process.start(`${this.#name} start ${number}`, `${this.#name} name ${number}`);
    return process;
  }

  #ended(ended: GatewayProcess, why: ExitReason): void {
    this.#processes = this.#processes.filter((process) => process !== ended);
    if (why === "drained") this.#world.counters.count("rule: stopped cleanly");
    if (ended !== this.#current) return;
    this.#current = undefined;
    // Whoever lost its name to a copy of its disk gets a new disk: somebody has seen to it.
    if (why === "superseded") this.#machine = this.#newMachine(new Disk<JournalEntry>());
    const inMs = this.#restartMs;
    this.#restartMs = RESTART_MS;
    this.#world.agenda.after(inMs, () => {
      if (this.#current === undefined && !this.#isEnding) this.#start();
    });
  }
}

/**
 * Whether a journal says by itself that it holds every admission: it was stopped cleanly, or syncs each. Of a copy whose
 * original is written on that is not true, and nothing can tell: the protocol rests on one process per journal.
 */
function vouches(disk: Disk<JournalEntry>): boolean {
  const { isAlwaysSynced, isClean } = foldJournal(disk.recovered().entries);
  return isAlwaysSynced || isClean;
}
