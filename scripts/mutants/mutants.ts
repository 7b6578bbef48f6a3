import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutant.ts";

const WALLET = "services/wallet/src/domain";
const LEASES = "services/gateway/src/leases";

/** The known mistakes, each with the test that must find it. */
export const mutants: readonly Mutant[] = [
  {
    name: "journal-after-dispatch",
    mistake: "a request goes to its provider before its intent is written",
    file: `${LEASES}/lease-spend.test.ts`,
    test: "spending it > journal before dispatch: nothing is admitted before its intent is appended",
  },
  {
    name: "settle-without-dedupe",
    mistake: "a record that comes again is charged again",
    file: `${WALLET}/settle-usage.test.ts`,
    test: "a record > counts once, within a settlement and over many",
  },
  {
    name: "released-on-expiry",
    mistake: "money of an expired lease is given back instead of counting on as suspense",
    file: `${WALLET}/settle-usage.test.ts`,
    test: "the end of a lease > comes out of suspense, which keeps what it held until then",
  },
  {
    name: "ancestor-skipped",
    mistake: "a grant does not look at the organisation's limit",
    file: `${WALLET}/acquire.test.ts`,
    test: "an acquire that does not fit > is denied as spent, for good, where all that is held would not do",
  },
  {
    name: "locks-unsorted",
    mistake: "a batch locks organisations in whatever order they come",
    file: "services/wallet/tests/lock-order.test.ts",
    test: "the rows of organisations > are locked in the order of their ids, however a batch names them",
  },
  {
    name: "cost-in-floats",
    mistake: "costs are summed as floats",
    file: "packages/money/src/rate.test.ts",
    test: "a sum of costs > is exact where a float is not",
  },
  {
    name: "acknowledged-before-commit",
    mistake: "an answer goes out before its commit has come back",
    file: "services/wallet/tests/acknowledgement.test.ts",
    test: "a commit that fails > is answered as a failure, and nothing moved",
  },
  {
    name: "stale-incarnation-granted",
    mistake: "a start that another has followed is granted credit",
    file: `${WALLET}/acquire.test.ts`,
    test: "a start that is not the latest > is refused an acquire",
  },
  {
    name: "doubled-hello-taken-as-new",
    mistake: "a Hello that comes twice counts as another start",
    file: `${WALLET}/hello.test.ts`,
    test: "Hello > answers the latest start again and changes nothing, not even its leases",
  },
  {
    name: "lost-journal-said-to-be-intact",
    mistake: "a damaged journal is said to hold every admission",
    file: `${LEASES}/journal-state.test.ts`,
    test: "a journal is intact > never where it is damaged or marked as lost",
  },
  {
    name: "final-before-all-records",
    mistake: "a gateway says that a lease is over while one of its records is open",
    file: `${LEASES}/lease-settle.test.ts`,
    test: "settling > final only after all records: it goes with the last, and never before one that is open",
  },
  {
    name: "closed-before-all-records",
    mistake: "the wallet closes a lease before it has seen all its records",
    file: `${WALLET}/settle-usage.test.ts`,
    test: "the end of a lease > comes when the final count is known and every record is",
  },
  {
    name: "closed-and-charged-again",
    mistake: "what an operator stated is charged once more when the records come",
    file: `${WALLET}/close-lease.test.ts`,
    test: "an operator's close > charges the cost where the lease hangs; records that come draw it down and post only beyond it",
  },
  {
    name: "recalled-on-the-path-only",
    mistake: "leases that hang beside the path of who needs money are not asked back",
    file: `${WALLET}/acquire.test.ts`,
    test: "an acquire that does not fit > has every open lease under the account that lacks asked back once, beside its own path too",
  },
];

/** Where a mutant's patch is. */
export function patchOf({ name }: Mutant): string {
  return fileURLToPath(new URL(`${name}.patch`, import.meta.url));
}
