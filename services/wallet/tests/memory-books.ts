import type { Account } from "../src/domain/account.ts";
import type { Balance, BalanceKey } from "../src/domain/balance.ts";
import { emptyBalance } from "../src/domain/balance.ts";
import type { View } from "../src/domain/draft.ts";
import { Draft } from "../src/domain/draft.ts";
import type { StoredAnswer } from "../src/domain/identity.ts";
import { OperationJob } from "../src/domain/job.ts";
import type { Lease } from "../src/domain/lease.ts";
import type { Operation } from "../src/domain/operation.ts";
import type { Outcome } from "../src/domain/refusal.ts";
import { createCalendar } from "../src/domain/window.ts";

/** Books without anything in them. */
class EmptyBooks implements View {
  readonly calendar = createCalendar();
  account(): Account | undefined {
    return undefined;
  }
  lease(): Lease | undefined {
    return undefined;
  }
  answer(): StoredAnswer | undefined {
    return undefined;
  }
  balance(key: BalanceKey): Balance {
    return emptyBalance(key);
  }
}

/** The whole ledger as one draft on nothing, for tests of the pure core. */
export class MemoryBooks {
  readonly draft = new Draft(new EmptyBooks());

  run<T>(operation: Operation<T>, nowMs: number): Outcome<T> {
    const job = new OperationJob(operation);
    job.run(this.draft, nowMs);
    return job.outcome();
  }
}
