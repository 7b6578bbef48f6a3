import { array, assert, bigInt, boolean, constant, property, record, shuffledSubarray, tuple } from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { actual, indeterminate, leasedBooks, nowMs, settled, usd } from "../../tests/leased-books.ts";
import { valueOf } from "./amount.ts";
import { InvariantChecker } from "./invariants.ts";
import type { SettleUsage } from "./settle-usage.ts";
import { settleUsage } from "./settle-usage.ts";

/** What a gateway may say of a lease of 100: records whose worst cases fit, in batches, with what follows from them. */
interface Story {
  readonly records: readonly { readonly worst: bigint; readonly cost: bigint; readonly isLost: boolean; readonly isOnB: boolean }[];
  readonly isFinal: boolean;
}

const story: Arbitrary<Story> = record({
  records: array(
    record({ worst: bigInt({ min: 0n, max: 25n }), cost: bigInt({ min: 0n, max: 30n }), isLost: boolean(), isOnB: boolean() }),
    { minLength: 1, maxLength: 4 },
  ),
  isFinal: boolean(),
});

/** Everything that the gateway of a story may send: actuals, after a crash worst cases, ceilings as records finish, the end. */
function messagesOf({ records, isFinal }: Story): SettleUsage[] {
  const facts = records.flatMap(({ worst, cost, isLost, isOnB }, index) => {
    const leaf = isOnB ? "key_b" : "key_a";
    const known = actual(index + 1, worst, cost, leaf);
    return isLost ? [settled({ records: [indeterminate(index + 1, worst, leaf)] }), settled({ records: [known] })] : [settled({ records: [known] })];
  });
  const ceilings = records.map((_, finished) => {
    const drawn = records.map(({ worst, cost, isLost }, index) => (index < finished && !isLost && cost < worst ? cost : worst));
    return settled({ ceiling: usd(drawn.reduce((total, each) => total + each, 0n)) });
  });
  return [...facts, ...ceilings, settled({}), ...(isFinal ? [settled({ finalCount: records.length })] : [])];
}

/** Where lease and balances end; a balance of nothing is none. */
function stateAfter(messages: readonly SettleUsage[]): unknown {
  const books = leasedBooks();
  const checker = new InvariantChecker(books);
  for (const message of messages) {
    books.run(settleUsage(message), nowMs);
    expect(checker.check()).toEqual([]);
  }
  const lease = books.lease("lease");
  if (lease === undefined) throw new Error("the lease is gone");
  const { cap, drawn, charged, overrun, state, seen, records, finalCount, expireTimeMs } = lease;
  const amounts = [cap, drawn, charged, overrun].map((each) => valueOf(each, "usd"));
  const balances = [...books.balances].filter(([, { posted, held }]) => posted !== 0n || held !== 0n);
  return { amounts, state, seen, kept: [...records.keys()], finalCount, expireTimeMs, balances: new Map(balances) };
}

describe("settlements in any order and number", () => {
  it("end in the same state (I7)", () => {
    const orders = story.chain((told) => {
      const order = messagesOf(told).map((_, index) => index);
      const whole = (of: readonly number[]) => shuffledSubarray([...of], { minLength: of.length });
      return tuple(constant(told), whole(order), whole([...order, ...order, ...order]));
    });
    assert(
      property(orders, ([told, once, thrice]) => {
        const messages = messagesOf(told);
        const inOrder = (order: readonly number[]) => order.flatMap((index) => messages[index] ?? []);
        expect(stateAfter(inOrder(thrice))).toEqual(stateAfter(inOrder(once)));
      }),
      { numRuns: 500 },
    );
  });
});
