import type { AcquireResult, Granted } from "../../services/wallet/src/domain/acquire.ts";
import { acquire } from "../../services/wallet/src/domain/acquire.ts";
import type { DeskEffect } from "../../services/wallet/src/domain/acquire-desk.ts";
import { AcquireDesk } from "../../services/wallet/src/domain/acquire-desk.ts";
import type { Operation } from "../../services/wallet/src/domain/operation.ts";
import type { Outcome } from "../../services/wallet/src/domain/refusal.ts";
import { specOf } from "./accounts.ts";
import type { Agenda } from "./agenda.ts";
import type { Auditor } from "./auditor.ts";
import type { Counters } from "./counters.ts";
import { identityOf } from "./identity.ts";
import type { AcquireAnswer, AcquireMessage } from "./messages.ts";
import type { Sightings } from "./sightings.ts";
import { GRACE_MS, TTL_MS } from "./times.ts";
import { denialOf, grantOf } from "./wallet-mappers.ts";

interface Parts {
  readonly agenda: Agenda;
  readonly auditor: Auditor;
  readonly counters: Counters;
  readonly sightings: Sightings;
  readonly run: (operation: Operation<AcquireResult>) => Outcome<AcquireResult>;
  readonly newId: (kind: string) => string;
}

interface Call {
  readonly message: AcquireMessage;
  readonly answer: (answer: AcquireAnswer) => void;
}

/** Who acquired lately counts as active on the accounts of the path. */
const ACTIVE_MS = 10_000;

/** The wallet's desk for acquires: the real one, with its tries run on the books. */
export class WalletDesk {
  readonly #desk = new AcquireDesk({ maxWaiting: 100, retryMs: 250 });
  readonly #parts: Parts;
  readonly #calls = new Map<string, Call>();
  /** By account and gateway, when it last acquired. */
  readonly #active = new Map<string, Map<string, number>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#desk.size;
  }

  arrive(message: AcquireMessage, answer: (answer: AcquireAnswer) => void): void {
    const id = this.#parts.newId("call");
    const accountIds = message.path.accounts.map((account) => account.id);
    this.#calls.set(id, { message, answer });
    for (const accountId of accountIds) this.#noteActive(accountId, message.gatewayId);
    this.#do(this.#desk.arrive({ id, accountIds, waitMs: message.waitMs }, this.#parts.agenda.nowMs));
  }

  released(accountIds: ReadonlySet<string>): void {
    const effects = this.#desk.released(accountIds, this.#parts.agenda.nowMs);
    if (effects.length > 0) this.#parts.counters.count("rule: waiting acquire woken by a release");
    this.#do(effects);
  }

  tick(): void {
    this.#do(this.#desk.tick(this.#parts.agenda.nowMs));
  }

  #do(effects: readonly DeskEffect[]): void {
    const queue = [...effects];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (next.type === "answer") this.#answer(next.id, next.outcome);
      else queue.push(...this.#try(next.id, next.isLast));
    }
  }

  #try(id: string, isLast: boolean): DeskEffect[] {
    const call = this.#calls.get(id);
    if (call === undefined) return [];
    const outcome = this.#parts.run(acquire(this.#command(call.message, isLast)));
    if (outcome.ok && outcome.value.type === "lacking") {
      this.#parts.counters.count("rule: acquire waits for what others hold");
      this.#parts.auditor.lacked(outcome.value.accountId);
    }
    return this.#desk.decided(id, outcome, this.#parts.agenda.nowMs);
  }

  #command(message: AcquireMessage, isLast: boolean): Parameters<typeof acquire>[0] {
    const { acquireId, gatewayId, incarnation, path, wanted, minimum } = message;
    return {
      identity: identityOf("AcquireLease", acquireId),
      origin: { actor: "service", requestId: acquireId },
      leaseId: this.#parts.newId("lease"),
      transferId: this.#parts.newId("trf"),
      gatewayId,
      incarnation,
      path: specOf(path),
      demands: [
        { unit: "usd", wanted: wanted.nanos, minimum: minimum.nanos },
        { unit: "tokens", wanted: wanted.tokens, minimum: minimum.tokens },
      ],
      ttlMs: TTL_MS,
      graceMs: GRACE_MS,
      activeGateways: (accountId) => this.#activeGateways(accountId),
      isLast,
    };
  }

  #answer(id: string, outcome: Outcome<Granted>): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    const { auditor, counters } = this.#parts;
    const { acquireId } = call.message;
    if (outcome.ok) {
      counters.count(outcome.value.replayed ? "rule: acquire answered again" : "rule: granted");
      auditor.answered(acquireId, outcome.value.lease.id);
      const grant = grantOf(outcome.value);
      this.#parts.sightings.granted(grant);
      return call.answer({ type: "granted", grant });
    }
    const { reason } = outcome.refusal;
    counters.count(`rule: acquire denied as ${reason}`);
    // A stale start is refused whatever it was answered before.
    if (reason !== "GATEWAY_SUPERSEDED") auditor.answered(acquireId, reason);
    call.answer({ type: "denied", denial: denialOf(outcome.refusal) });
  }

  #noteActive(accountId: string, gatewayId: string): void {
    const gateways = this.#active.get(accountId) ?? new Map<string, number>();
    this.#active.set(accountId, gateways.set(gatewayId, this.#parts.agenda.nowMs));
  }

  #activeGateways(accountId: string): number {
    const sinceMs = this.#parts.agenda.nowMs - ACTIVE_MS;
    const times = [...(this.#active.get(accountId)?.values() ?? [])];
    return Math.max(1, times.filter((atMs) => atMs >= sinceMs).length);
  }
}
