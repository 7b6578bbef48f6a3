import { asyncModelRun, asyncProperty, assert, commands, constant, integer, nat, record, tuple } from "fast-check";
import type { Arbitrary, AsyncCommand } from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { LeaseModel } from "./lease-model.ts";
import { WalletRig } from "./wallet-rig.ts";
import type { RunningWallet } from "./wallet-rig.ts";

let rig: WalletRig;
let wallets: readonly [RunningWallet, RunningWallet];
let runs = 0;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallets = [await rig.startWallet(), await rig.startWallet()];
});
afterAll(() => rig[Symbol.asyncDispose]());

/** A step that is begun and not waited for: what is begun until the next `Join` happens at the same time. */
class Begin implements AsyncCommand<object, LeaseModel> {
  readonly #label: string;
  readonly #begin: (model: LeaseModel) => Promise<void>;

  constructor(label: string, begin: (model: LeaseModel) => Promise<void>) {
    this.#label = label;
    this.#begin = begin;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, model: LeaseModel): Promise<void> {
    await model.begin(this.#begin);
  }

  toString(): string {
    return this.#label;
  }
}

/** Waits for all that was begun, and compares the books with what was sent. */
class Join implements AsyncCommand<object, LeaseModel> {
  check(): boolean {
    return true;
  }

  async run(_: object, model: LeaseModel): Promise<void> {
    await model.join();
    await model.verify();
  }

  toString(): string {
    return "join";
  }
}

function begins<T>(name: string, arbitrary: Arbitrary<T>, begin: (model: LeaseModel, input: T) => Promise<void>): Arbitrary<Begin> {
  return arbitrary.map((input) => new Begin(`${name} ${JSON.stringify(input)}`, (model) => begin(model, input)));
}

// Small ranges, so that limits bind, leases run out, and the same one is settled from both wallets at once.
const which = { gateway: nat({ max: 1 }), wallet: nat({ max: 1 }) };
const lease = nat({ max: 30 });

const acquire = (waitMs: Arbitrary<number>): Arbitrary<Begin> =>
  begins("acquire", record({ ...which, key: nat({ max: 2 }), minimum: integer({ min: 1, max: 25 }), extra: nat({ max: 60 }), waitMs }), (model, input) => model.acquire(input));
const spend = (isIndeterminate: Arbitrary<boolean>): Arbitrary<Begin> =>
  begins("spend", record({ ...which, lease, key: nat({ max: 2 }), worst: nat({ max: 20 }), cost: nat({ max: 24 }), isIndeterminate }), (model, input) => model.spend(input));

// What comes twice comes twice as often.
const steps: Array<Arbitrary<AsyncCommand<object, LeaseModel>>> = [
  acquire(constant(0)),
  acquire(constant(0)),
  acquire(integer({ min: 1, max: 60 })),
  spend(constant(false)),
  spend(constant(false)),
  spend(constant(true)),
  begins("repeat", record({ ...which, lease, isReversed: nat({ max: 1 }) }), (model, input) => model.repeat(input)),
  begins("conclude", record({ ...which, lease }), (model, input) => model.conclude(input)),
  begins("expire", record({ wallet: which.wallet }), (model, { wallet }) => model.expire(wallet)),
  begins("restart", record({ ...which, isIntact: nat({ max: 2 }).map((one) => one > 0) }), (model, input) => model.restart(input)),
  begins("greet again", record(which), (model, input) => model.greetAgain(input)),
  begins("limit", record({ wallet: which.wallet, account: nat({ max: 4 }), hard: integer({ min: 100, max: 500 }) }), (model, input) => model.setLimit(input)),
  constant(new Join()),
];

it("two wallets, two gateways and three keys, in any order and at the same time, keep the books that the model expects", { timeout: 120_000 }, async () => {
  await assert(
    asyncProperty(tuple(commands(steps, { maxCommands: 80, size: "max" })), async ([plan]) => {
      runs += 1;
      const model = await LeaseModel.create(rig, wallets, `org_model_${runs}`);
      try {
        await asyncModelRun(() => ({ model: {}, real: model }), plan);
        await model.join();
        await model.verify();
        await model.rest();
        expect(await ledgerFaults(rig.pool)).toEqual([]);
      } finally {
        await model[Symbol.asyncDispose]();
      }
    }),
    // What fails here depends on what ran at the same time, so that a shorter plan need not fail.
    { numRuns: 20, endOnFailure: true },
  );
});
