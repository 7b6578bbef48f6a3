import {
  type AcquireLeaseRequest,
  type AcquireLeaseResponse,
  type BudgetWarning,
  Lease,
  LeaseState,
  Reservation,
  type ReserveRequest,
  type ReserveResponse,
  type SettleUsageRequest,
  type SettleUsageResponse,
  Unit,
  type WatchLeasesRequest,
  type WatchLeasesResponse,
} from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { setTimeout as pause } from "node:timers/promises";
import { WalletBook, usd, usdOf } from "./wallet-book.ts";

type Event = NonNullable<WatchLeasesResponse["event"]>;

interface Watcher {
  readonly gatewayId: string;
  readonly startId: string;
  push(event: Event): void;
}

/**
 * The wallet as gateways see it, with one account, one budget in dollars, and no database: what it grants fits, what is
 * settled counts once, and what is in the way is recalled. What the real one does beyond that is tested with it.
 */
export class WalletPeer {
  /** Every call about money, in order: "acquire gw_…/1/1", "settle lease_1", "reserve key_1/chat/…". */
  readonly calls: string[] = [];
  readonly books = new Map<string, WalletBook>();
  readonly acquires: AcquireLeaseRequest[] = [];
  readonly reservations = new Map<string, { readonly request: ReserveRequest; readonly id: string }>();
  budget: bigint;
  posted = 0n;
  /** Whether the limit says that answers may be cut to it. */
  clamps = false;
  /** Soft limits that every answer says are passed. */
  warnings: BudgetWarning[] = [];
  /** How each RPC is disturbed before it is served, or after. */
  before: { acquire?: () => Promise<void>; settle?: () => Promise<void>; reserve?: () => Promise<void>; watch?: () => Promise<void> } = {};
  after: { acquire?: () => Promise<void>; reserve?: () => Promise<void> } = {};
  readonly #gateways = new Map<string, { startId: string; incarnation: bigint }>();
  readonly #answers = new Map<string, AcquireLeaseResponse | AlfredError>();
  readonly #watchers = new Set<Watcher>();
  #leases = 0;

  constructor(budget: bigint) {
    this.budget = budget;
  }

  /** What is held now, in nano-dollars. */
  get held(): bigint {
    return [...this.books.values()].reduce((sum, book) => sum + book.held, 0n);
  }

  get left(): bigint {
    return this.budget - this.posted - this.held;
  }

  /** Resolves once nothing is held any more, and every lease is closed. */
  async settled(): Promise<void> {
    while ([...this.books.values()].some(({ isClosed }) => !isClosed)) await pause(5);
  }

  /** Tells every start but the newest of each gateway that it is not the newest. */
  recallStarts(): void {
    for (const { gatewayId, startId, push } of this.#watchers) {
      const { startId: newest = "" } = this.#gateways.get(gatewayId) ?? {};
      if (startId !== newest) push({ $case: "superseded", value: { startId: newest } });
    }
  }

  async *watch({ gatewayId, startId, replaces, intact, leaseIds }: WatchLeasesRequest, signal: AbortSignal): AsyncGenerator<WatchLeasesResponse> {
    await this.before.watch?.();
    this.calls.push(`hello ${intact ? "intact" : "lost"}`);
    const known = this.#gateways.get(gatewayId);
    if (known?.startId !== startId && (known?.startId ?? "") !== replaces) {
      yield { event: { $case: "superseded", value: { startId: known?.startId ?? "" } } };
      return;
    }
    const incarnation = known?.startId === startId ? known.incarnation : (known?.incarnation ?? 0n) + 1n;
    this.#gateways.set(gatewayId, { startId, incarnation });
    for (const book of this.books.values()) {
      if (book.incarnation < incarnation && intact && !leaseIds.includes(book.id)) book.isClosed = true;
    }
    const events: Event[] = [{ $case: "welcome", value: { incarnation } }];
    let more = Promise.withResolvers<void>();
    const watcher = {
      gatewayId,
      startId,
      push(event: Event) {
        events.push(event);
        more.resolve();
      },
    };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => more.resolve(), { once: true });
    for (let event = events.shift(); !signal.aborted; event = events.shift()) {
      if (event !== undefined) yield { event };
      else {
        await more.promise;
        more = Promise.withResolvers<void>();
      }
    }
    this.#watchers.delete(watcher);
  }

  async acquire(request: AcquireLeaseRequest): Promise<AcquireLeaseResponse> {
    await this.before.acquire?.();
    this.calls.push(`acquire ${request.requestId}`);
    this.acquires.push(request);
    const answer = this.#answers.get(request.requestId) ?? (await this.#decide(request));
    this.#answers.set(request.requestId, answer);
    await this.after.acquire?.();
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async settle({ settlements }: SettleUsageRequest): Promise<SettleUsageResponse> {
    await this.before.settle?.();
    const leases = settlements.map((settlement) => {
      this.calls.push(`settle ${settlement.leaseId}`);
      const book = this.books.get(settlement.leaseId);
      if (book !== undefined) this.posted += book.post(settlement);
      const state = book?.isClosed === false ? LeaseState.LEASE_STATE_OPEN : LeaseState.LEASE_STATE_CLOSED;
      return { leaseId: settlement.leaseId, state, remaining: usd(this.left), warnings: this.warnings };
    });
    return { leases };
  }

  async reserve(request: ReserveRequest): Promise<ReserveResponse> {
    await this.before.reserve?.();
    if (request.validateOnly) return this.#wouldHold(request);
    this.calls.push(`reserve ${request.requestId}`);
    const answer = this.#hold(request);
    await this.after.reserve?.();
    return answer;
  }

  async #decide(request: AcquireLeaseRequest): Promise<AcquireLeaseResponse | AlfredError> {
    const { gatewayId, incarnation, path, demands, wait } = request;
    if (this.#gateways.get(gatewayId)?.incarnation !== incarnation) return fail("GATEWAY_SUPERSEDED", "Another start has the name.");
    const demand = demands.find(({ unit }) => unit === Unit.UNIT_USD);
    const [minimum, wanted] = [demand?.minimum ?? 0n, demand?.wanted ?? 0n];
    const giveUpAt = Date.now() + Number(wait?.seconds ?? 0n) * 1_000 + (wait?.nanos ?? 0) / 1e6;
    while (minimum > this.left) {
      for (const book of this.books.values()) this.#recall(book);
      if (minimum > this.budget - this.posted) return this.#denial("INSUFFICIENT_QUOTA", path);
      if (Date.now() >= giveUpAt) return this.#denial("BUDGET_HELD", path);
      await pause(2);
    }
    const share = this.left / 2n;
    const credit = [minimum, share < wanted ? share : wanted].reduce((left, right) => (left > right ? left : right));
    const book = this.#open(credit, path, { gatewayId, incarnation });
    const tokens = demands.find(({ unit }) => unit === Unit.UNIT_TOKENS)?.wanted ?? 0n;
    const lease = Lease.create({
      id: book.id, organisationId: path?.organisationId ?? "", accountId: path?.accounts.at(-1)?.id ?? "", gatewayId, incarnation,
      state: LeaseState.LEASE_STATE_OPEN, credit: [...usd(credit), { unit: Unit.UNIT_TOKENS, value: tokens * 1_000n }], createTime: new Date(),
    });
    return { lease, ttl: { seconds: 30n, nanos: 0 }, replayed: false, remaining: usd(this.left), warnings: this.warnings, limitsRevision: 1n };
  }

  #open(credit: bigint, path: WalletBook["path"], owner: Pick<WalletBook, "gatewayId" | "incarnation">): WalletBook {
    this.#leases += 1;
    const book = new WalletBook(`lease_${this.#leases}`, path, owner, credit);
    this.books.set(book.id, book);
    return book;
  }

  #recall(book: WalletBook): void {
    if (book.isClosed || book.isRecalled) return;
    book.isRecalled = true;
    this.#tell(book.gatewayId, { $case: "recalled", value: { leaseIds: [book.id] } });
  }

  #tell(gatewayId: string, event: Event): void {
    for (const watcher of this.#watchers) if (watcher.gatewayId === gatewayId) watcher.push(event);
  }

  #wouldHold({ amounts, path, returned }: ReserveRequest): ReserveResponse {
    const [wanted, back] = [usdOf(amounts), usdOf(returned.find(({ accountId }) => accountId === path?.organisationId)?.amounts ?? [])];
    if (wanted > this.left + back) throw this.#denial(wanted > this.budget - this.posted ? "INSUFFICIENT_QUOTA" : "BUDGET_HELD", path);
    return { reservation: undefined, replayed: false, remaining: usd(this.left + back - wanted), warnings: this.warnings };
  }

  #hold(request: ReserveRequest): ReserveResponse {
    const { requestId, path, gatewayId, incarnation } = request;
    const denial = this.#answers.get(requestId);
    if (denial instanceof Error) throw fail(denial.code, denial.message, { metadata: { ...denial.metadata, replayed: "true" } });
    const known = this.reservations.get(requestId);
    if (known !== undefined && known.request.fingerprint !== request.fingerprint) throw fail("REQUEST_ID_REUSED", "Another body.");
    if (known !== undefined) return this.#reserved(known.request, known.id, true);
    const wanted = usdOf(request.amounts);
    if (wanted > this.left) {
      const refusal = this.#denial("INSUFFICIENT_QUOTA", path);
      this.#answers.set(requestId, refusal);
      throw refusal;
    }
    const { id } = this.#open(wanted, path, { gatewayId, incarnation });
    this.reservations.set(requestId, { request, id });
    return this.#reserved(request, id, false);
  }

  #reserved({ requestId, amounts, path, gatewayId }: ReserveRequest, id: string, replayed: boolean): ReserveResponse {
    const book = this.books.get(id);
    const state = book?.isClosed === true ? LeaseState.LEASE_STATE_CLOSED : LeaseState.LEASE_STATE_OPEN;
    const settled = book?.isClosed === true ? usd(book.charged) : [];
    const accountId = path?.accounts[0]?.id ?? "";
    const reservation = Reservation.create({ id, requestId, accountId, held: amounts, settled, state, createTime: new Date(), gatewayId });
    return { reservation, replayed, remaining: usd(this.left), warnings: this.warnings };
  }

  #denial(code: "INSUFFICIENT_QUOTA" | "BUDGET_HELD", path: WalletBook["path"]): AlfredError {
    const clamp = this.clamps ? { clamp: "true" } : {};
    const metadata = { account: path?.accounts[0]?.id ?? "", unit: "usd", limit: String(this.budget), left: String(this.left), reset: "", period: "none", ...clamp };
    return fail(code, code === "BUDGET_HELD" ? "The budget is held." : "The budget is spent.", { metadata });
  }
}
