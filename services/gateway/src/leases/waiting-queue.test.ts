import { array, assert, constant, nat, oneof, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { LeasePool } from "./lease-pool.ts";
import { KEY_PATH, worth } from "./lease-stage.ts";
import { NO_NOTE } from "./own-record.ts";
import type { OwnLease, OwnWaiter } from "./own-lease.ts";

function waiter(sequence: number, deadlineMs = 1_000): OwnWaiter {
  const request = { id: `r${sequence}`, path: KEY_PATH, worst: worth(sequence * 10), note: NO_NOTE, deadlineMs };
  return { request, sequence, pool: undefined, isAbandoned: false };
}

describe("those who wait", () => {
  test("leave in the order in which they came, whoever leaves in between", () => {
    const steps = array(oneof(constant("push"), constant("shift"), constant("putBack"), nat({ max: 20 })), { maxLength: 2_000 });
    assert(
      property(steps, (run) => {
        const { queue } = new LeasePool<OwnLease>("a");
        const model: OwnWaiter[] = [];
        let sequence = 0;
        let last: OwnWaiter | undefined;
        for (const step of run) {
          if (step === "push") {
            model.push(waiter((sequence += 1)));
            queue.push(model[model.length - 1] as OwnWaiter);
          } else if (step === "putBack" && last !== undefined) {
            queue.putBack(last);
            model.push(last);
            model.sort((a, b) => a.sequence - b.sequence);
            last = undefined;
          } else {
            const leaving = model[step === "shift" ? 0 : Number(step)];
            if (leaving === undefined) continue;
            queue.remove(leaving);
            model.splice(model.indexOf(leaving), 1);
            last = leaving;
          }
          expect(queue.head).toBe(model[0]);
          expect(queue.size).toBe(model.length);
        }
        expect(queue.sum.nanos).toBe(model.reduce((sum, { request }) => sum + request.worst.nanos, 0n));
        expect(queue.take(() => true)).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });

  test("leave when their time is over", () => {
    const { queue } = new LeasePool<OwnLease>("a");
    const [first, second, third] = [waiter(1, 300), waiter(2, 100), waiter(3, 200)];
    for (const each of [first, second, third]) queue.push(each);
    expect(queue.expire(99)).toEqual([]);
    expect(queue.expire(200)).toEqual([second, third]);
    expect(queue.expire(299)).toEqual([]);
    expect(queue.head).toBe(first);
    expect(queue.expire(300)).toEqual([first]);
    expect(queue.isEmpty).toBe(true);
  });
});
