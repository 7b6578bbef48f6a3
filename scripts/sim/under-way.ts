import type { MemoryBooks } from "../../services/wallet/src/domain/memory-books.ts";
import type { Auditor } from "./auditor.ts";
import { expectNone } from "./auditor.ts";
import type { Counters } from "./counters.ts";
import { orderFaults } from "./invariants/order.ts";
import type { SettleMessage } from "./messages.ts";
import { Random } from "./random.ts";
import { settlementCommand } from "./wallet-mappers.ts";

/** Settlements that are tried in two orders at once. */
const MOST = 4;
/** Of the settlements that arrive, how many percent are tried. */
const TRIED_PERCENT = 15;

/** Settlements that gateways sent and the wallet has not taken: they may still come in any order. */
export class UnderWay {
  readonly #parts: { readonly books: MemoryBooks; readonly auditor: Auditor; readonly counters: Counters };
  readonly #random: Random;
  #sent: SettleMessage[] = [];

  constructor(seed: number, parts: { readonly books: MemoryBooks; readonly auditor: Auditor; readonly counters: Counters }) {
    this.#parts = parts;
    this.#random = new Random(seed, "order");
  }

  sent(message: SettleMessage): void {
    this.#sent = [...this.#sent.slice(1 - MOST), message];
  }

  /** One arrives: tries it with those under way, in two orders. */
  arriving(message: SettleMessage, nowMs: number): void {
    const { books, auditor, counters } = this.#parts;
    const others = this.#sent.filter((other) => other !== message);
    this.#sent = others;
    if (!this.#random.chance(TRIED_PERCENT)) return;
    const commands = [message, ...others].flatMap((each) => each.settlements.map((settlement, index) => settlementCommand(each, settlement, `order_${index}`)));
    expectNone(orderFaults(books, commands.filter(({ leaseId }) => auditor.isPlain(leaseId)), this.#random, nowMs));
    counters.count("check: settlements in two orders");
  }
}
