import { closeLease } from "../../services/wallet/src/domain/close-lease.ts";
import { hello } from "../../services/wallet/src/domain/hello.ts";
import type { Lease } from "../../services/wallet/src/domain/lease.ts";
import type { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import { openPath } from "../../services/wallet/src/domain/open-account.ts";
import type { Operation } from "../../services/wallet/src/domain/operation.ts";
import type { Outcome } from "../../services/wallet/src/domain/refusal.ts";
import { reserve } from "../../services/wallet/src/domain/reserve.ts";
import { setLimit } from "../../services/wallet/src/domain/set-limit.ts";
import type { SetLimit } from "../../services/wallet/src/domain/set-limit.ts";
import { settleUsage } from "../../services/wallet/src/domain/settle-usage.ts";
import { suspend } from "../../services/wallet/src/domain/suspend.ts";
import { amountsOf, ORGANISATION, PATHS, pathSpec } from "./accounts.ts";
import type { Agenda } from "./agenda.ts";
import type { Auditor } from "./auditor.ts";
import type { Counters } from "./counters.ts";
import { identityOf } from "./identity.ts";
import type { AcquireAnswer, AcquireMessage, HelloMessage, ReserveAnswer, ReserveMessage, SettleAnswer, SettleMessage } from "./messages.ts";
import { UNAVAILABLE } from "./messages.ts";
import { Sightings } from "./sightings.ts";
import type { LeaseStream } from "./stream.ts";
import { GRACE_MS, TTL_MS } from "./times.ts";
import type { Trace } from "./trace.ts";
import { UnderWay } from "./under-way.ts";
import { WalletDesk } from "./wallet-desk.ts";
import { denialOf, reservationOf, settlementCommand, standingOf } from "./wallet-mappers.ts";

const ORIGIN = { actor: "service", requestId: "" };
const SWEEP_MS = 1_000;
const QUIET_MS = 4_000;

interface Watch {
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly stream: LeaseStream;
}

interface WalletParts {
  readonly seed: number;
  readonly agenda: Agenda;
  readonly counters: Counters;
  readonly trace: Trace;
  readonly books: MemoryBooks;
  readonly auditor: Auditor;
}

/** The wallet: the real operations on books that last, and a process around them that may restart. */
export class SimWallet {
  /** Settlements on their way here. */
  readonly underWay: UnderWay;
  readonly #parts: WalletParts;
  readonly #sightings: Sightings;
  #desk: WalletDesk;
  #watches: Watch[] = [];
  #isUp = true;
  #ids = 0;

  constructor(parts: WalletParts) {
    this.#parts = parts;
    this.#sightings = new Sightings(parts.books, parts.counters);
    this.underWay = new UnderWay(parts.seed, parts);
    this.#desk = this.#newDesk();
    for (let leaf = 0; leaf < PATHS.length; leaf += 1) this.#run(openPath(pathSpec(leaf), ORIGIN));
    this.#every(SWEEP_MS, () => this.#sweep());
    this.#every(QUIET_MS, () => this.#tell(() => true, { type: "quiet" }));
    this.#every(100, () => this.#desk.tick());
  }

  watch(message: HelloMessage, stream: LeaseStream): void {
    if (!this.#isUp) return stream.break();
    const { gatewayId, startId, replaces, isIntact, leaseIds } = message;
    const sawHello = this.#sightings.hello(message);
    const outcome = this.#run(hello({ origin: ORIGIN, transferId: this.#newId("trf"), gatewayId, startId, replaces, isIntact, leaseIds }));
    if (!outcome.ok) throw new Error(outcome.refusal.message);
    const answer = outcome.value;
    sawHello(answer);
    if (answer.type === "superseded") return stream.push({ type: "superseded", startId: answer.startId });
    const { incarnation } = answer;
    this.#join({ gatewayId, incarnation, stream }, startId);
    stream.push({ type: "welcome", startId, incarnation });
    if (answer.recalled.length > 0) {
      this.#parts.counters.count("rule: recalled again on reconnect");
      stream.push({ type: "recalled", leaseIds: answer.recalled });
    }
  }

  acquire(message: AcquireMessage, answer: (answer: AcquireAnswer) => void): void {
    if (this.#isUp) this.#desk.arrive(message, answer);
    else answer(UNAVAILABLE);
  }

  settle(message: SettleMessage, answer: (answer: SettleAnswer) => void): void {
    if (!this.#isUp) return answer(UNAVAILABLE);
    this.underWay.arriving(message, this.#parts.agenda.nowMs);
    const results = message.settlements.map((settlement) => {
      const sawSettlement = this.#sightings.settle(settlement, this.#parts.agenda.nowMs);
      const outcome = this.#run(settleUsage(settlementCommand(message, settlement, this.#newId("trf"))));
      if (!outcome.ok) throw new Error(`a settlement was refused: ${outcome.refusal.message}`);
      this.#parts.auditor.taken(settlement);
      sawSettlement();
      return standingOf(outcome.value);
    });
    answer({ type: "settled", results });
  }

  reserve(message: ReserveMessage, answer: (answer: ReserveAnswer) => void): void {
    if (!this.#isUp) return answer(UNAVAILABLE);
    const { requestId, leaf, worst, gatewayId, incarnation } = message;
    const outcome = this.#run(
      reserve({
        identity: identityOf("Reserve", requestId),
        origin: { ...ORIGIN, requestId },
        leaseId: this.#newId("lease"),
        transferId: this.#newId("trf"),
        path: pathSpec(leaf),
        amounts: amountsOf(worst),
        ttlMs: TTL_MS + GRACE_MS,
        gatewayId,
        incarnation,
      }),
    );
    if (outcome.ok) this.#parts.counters.count(outcome.value.replayed ? "rule: reservation replayed" : "rule: reservation made");
    answer(outcome.ok ? { type: "reserved", reservation: reservationOf(outcome.value) } : { type: "denied", denial: denialOf(outcome.refusal) });
  }

  /** Whoever waits is left without an answer, and every stream breaks; what is committed stays. */
  restart(downMs: number): void {
    this.#isUp = false;
    this.#parts.counters.count("fault: wallet restarted");
    if (this.#desk.size > 0) this.#parts.counters.count("fault: waiting acquires lost");
    this.#desk = this.#newDesk();
    for (const { stream } of this.#watches) stream.break();
    this.#watches = [];
    this.#parts.agenda.after(downMs, () => (this.#isUp = true));
  }

  setLimit(limit: Pick<SetLimit, "accountId" | "unit" | "period" | "hard" | "clamp">): void {
    const requestId = this.#newId("limit");
    const { hard } = limit;
    const soft = hard === undefined ? undefined : hard / 2n;
    this.#run(setLimit({ ...limit, soft, identity: identityOf("SetLimit", requestId), origin: ORIGIN, organisationId: ORGANISATION }));
  }

  /** An operator's word on a lease; answers whether it was taken. */
  closeLease({ id, organisationId, gatewayId }: Lease, cost: ReturnType<typeof amountsOf>, isForced: boolean): boolean {
    const requestId = this.#newId("close");
    const command = { identity: identityOf("CloseLease", requestId), origin: ORIGIN, transferId: this.#newId("trf"), leaseId: id, organisationId, gatewayId, cost, reason: "simulated", isForced };
    this.#parts.auditor.closing(id, true);
    const isClosed = this.#run(closeLease(command)).ok;
    this.#parts.auditor.closing(id, isClosed);
    return isClosed;
  }

  #run<T>(operation: Operation<T>): Outcome<T> {
    const { books, auditor, agenda, counters } = this.#parts;
    const outcome = books.run(operation, agenda.nowMs);
    const { freed, recalled, limitsRevised } = books.last;
    auditor.committed();
    if (recalled.length > 0) counters.count("rule: recalled", recalled.length);
    for (const { id, gatewayId } of recalled) this.#tell((watch) => watch.gatewayId === gatewayId, { type: "recalled", leaseIds: [id] });
    if (limitsRevised.size > 0) counters.count("rule: gateways told of limits");
    for (const [organisationId, revision] of limitsRevised) this.#tell(() => true, { type: "limits-revised", organisationId, revision });
    // After the caller has its outcome: what is freed may serve others, in transactions of their own.
    if (freed.size > 0) agenda.after(0, () => this.#desk.released(freed));
    return outcome;
  }

  #newDesk(): WalletDesk {
    return new WalletDesk({
      ...this.#parts,
      sightings: this.#sightings,
      run: (operation) => this.#run(operation),
      newId: (kind) => this.#newId(kind),
    });
  }

  /** The newest stream of the newest start counts. */
  #join(watch: Watch, startId: string): void {
    for (const other of this.#watches) {
      if (other.gatewayId === watch.gatewayId && other.incarnation < watch.incarnation) other.stream.push({ type: "superseded", startId });
    }
    this.#watches = [...this.#watches.filter(({ gatewayId, stream }) => gatewayId !== watch.gatewayId && stream.isOpen), watch];
  }

  #tell(isMeant: (watch: Watch) => boolean, news: Parameters<LeaseStream["push"]>[0]): void {
    for (const watch of this.#watches) if (isMeant(watch)) watch.stream.push(news);
  }

  #sweep(): void {
    const { books, agenda, counters } = this.#parts;
    if (!this.#isUp) return;
    for (const { id, organisationId } of books.expired(agenda.nowMs)) {
      this.#run(suspend({ organisationId, leaseId: id, transferId: this.#newId("trf") }));
      counters.count("rule: lease expired into suspense");
    }
  }

  #every(ms: number, run: () => void): void {
    this.#parts.agenda.after(ms, () => {
      run();
      this.#every(ms, run);
    });
  }

  #newId(kind: string): string {
    return `${kind}_${(this.#ids += 1)}`;
  }
}
