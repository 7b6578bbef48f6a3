import { emptyBalance } from "../src/domain/balance.ts";
import type { View } from "../src/domain/draft.ts";
import { Draft } from "../src/domain/draft.ts";
import { OperationJob } from "../src/domain/job.ts";
import type { Operation } from "../src/domain/operation.ts";
import type { Outcome } from "../src/domain/refusal.ts";
import { createCalendar } from "../src/domain/window.ts";

/** Books without anything in them. */
export const EMPTY_BOOKS: View = {
  calendar: createCalendar(),
  account: () => undefined,
  lease: () => undefined,
  answer: () => undefined,
  balance: emptyBalance,
};

/** The whole ledger as one draft on nothing, for tests of the pure core. */
export class MemoryBooks {
  readonly draft = new Draft(EMPTY_BOOKS);

  run<T>(operation: Operation<T>, nowMs: number): Outcome<T> {
    const job = new OperationJob(operation);
    job.run(this.draft, nowMs);
    return job.outcome();
  }
}
