import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breaker, type BreakerCall, type BreakerFailure } from "./breaker.ts";

const FAILURE: BreakerFailure = { reason: "PROVIDER_UNAVAILABLE", isLasting: false };

/** A breaker with a clock that only its own methods move. */
class Probe {
  readonly changes: string[] = [];
  readonly breaker = new Breaker(({ from, to }) => this.changes.push(`${from} > ${to}`));
  nowMs = 1_000_000;

  at(afterMs: number): this {
    this.nowMs += afterMs;
    return this;
  }

  begin(): BreakerCall {
    return this.breaker.begun(this.nowMs);
  }

  end(call: BreakerCall, hasFailed: boolean, failure: Partial<BreakerFailure> = {}): void {
    if (hasFailed) this.breaker.failed(call, { ...FAILURE, ...failure }, this.nowMs);
    else this.breaker.succeeded(call, this.nowMs);
    this.breaker.ended(call);
  }

  fail(times = 1, failure: Partial<BreakerFailure> = {}): this {
    for (let count = 0; count < times; count += 1) this.end(this.begin(), true, failure);
    return this;
  }

  succeed(times = 1): this {
    for (let count = 0; count < times; count += 1) this.end(this.begin(), false);
    return this;
  }

  check(...results: readonly boolean[]): this {
    for (const hasPassed of results) this.breaker.checked(hasPassed, this.nowMs);
    return this;
  }

  /** How long others are called first from now on, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.breaker.figures(this.nowMs).untilMs - this.nowMs);
  }

  get state(): string {
    return this.breaker.state;
  }

  get isOpen(): boolean {
    return this.breaker.isOpen(this.nowMs);
  }
}

describe("a breaker opens", () => {
  test("after three failures in a row, not before", () => {
    const probe = new Probe().fail(2).succeed().fail(2);
    expect([probe.state, probe.isOpen]).toEqual(["closed", false]);
    probe.fail();
    expect([probe.state, probe.isOpen, probe.pauseMs]).toEqual(["open", true, 1_000]);
    expect(probe.breaker.figures(probe.nowMs)).toMatchObject({ reason: "PROVIDER_UNAVAILABLE", sinceMs: probe.nowMs, failuresInRow: 3 });
  });

  test("where half of twenty calls or more failed within half a minute", () => {
    const alternate = (probe: Probe, times: number) => {
      for (let count = 0; count < times; count += 1) probe.succeed().fail();
      return probe;
    };
    expect(alternate(new Probe(), 9).state).toBe("closed");
    expect(alternate(new Probe(), 10).state).toBe("open");
    expect(alternate(alternate(new Probe(), 9).at(33_000), 9).state).toBe("closed");
    expect(alternate(new Probe().succeed(3), 12).state).toBe("closed");
  });

  test("at once where it fails until somebody mends it", () => {
    expect(new Probe().fail(1, { isLasting: true }).pauseMs).toBe(1_000);
    expect(new Probe().succeed().fail(1, { isLasting: true }).state).toBe("open");
  });

  test("not by what may be the request's, where others were answered within half a minute", () => {
    const failure = { isLasting: true, mayBeRequests: true };
    const probe = new Probe().succeed().fail(30, failure);
    expect(probe.breaker.figures(probe.nowMs)).toMatchObject({ state: "closed", calls: 1, failures: 0, failuresInRow: 0 });
    expect(probe.at(29_999).fail(1, failure).state).toBe("closed");
    expect(probe.at(1).fail(1, failure).state).toBe("open");
    // One trial that is answered is as good.
    expect(new Probe().fail(1, failure).at(1_000).succeed().fail(1, failure).succeed(2).state).toBe("closed");
  });

  test("for as long as the provider asks for, ten minutes at most, and a wish in another call's failure counts, too", () => {
    expect(new Probe().fail(1, { retryAfterMs: 5_000 }).pauseMs).toBe(5_000);
    expect(new Probe().fail(1, { retryAfterMs: 86_400_000 }).pauseMs).toBe(600_000);
    expect(new Probe().fail(1, { retryAfterMs: 0 }).state).toBe("closed");
    const probe = new Probe();
    const late = probe.begin();
    probe.fail(3).end(late, true, { retryAfterMs: 20_000 });
    expect(probe.pauseMs).toBe(20_000);
  });

  test("once for all the calls that were under way when it did", () => {
    const probe = new Probe();
    const calls = Array.from({ length: 100 }, () => probe.begin());
    for (const call of calls) probe.end(call, true);
    expect(probe.pauseMs).toBe(1_000);
    expect(probe.changes).toEqual(["closed > open"]);
  });

  test("for twice as long each time that a call after the pause fails, a minute at most", () => {
    const probe = new Probe().fail(3);
    const pausesMs = Array.from({ length: 8 }, () => {
      const { pauseMs } = probe;
      probe.at(pauseMs).fail();
      return pauseMs;
    });
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("for twice as long where it closed only lately, and for a second where that was long ago", () => {
    const probe = new Probe().fail(3).at(1_000).succeed(3).at(30_000).fail(3);
    expect(probe.pauseMs).toBe(2_000);
    probe.at(2_000).succeed(3).at(30_001).fail(3);
    expect(probe.pauseMs).toBe(1_000);
  });
});

describe("a breaker after its pause", () => {
  test("is half-open with the next call, takes three at once, and closes after three that succeeded", () => {
    const probe = new Probe().fail(3).at(1_000);
    expect([probe.state, probe.isOpen]).toEqual(["open", false]);
    const calls = [probe.begin(), probe.begin()];
    expect([probe.state, probe.isOpen]).toEqual(["half_open", false]);
    calls.push(probe.begin());
    expect(probe.isOpen).toBe(true);
    for (const call of calls) probe.end(call, false);
    expect([probe.state, probe.isOpen]).toEqual(["closed", false]);
    expect(probe.changes).toEqual(["closed > open", "open > half_open", "half_open > closed"]);
  });

  test("gives the place of a call that says nothing to another", () => {
    const probe = new Probe().fail(3).at(1_000);
    const calls = [probe.begin(), probe.begin(), probe.begin()];
    for (const call of calls) probe.breaker.ended(call);
    expect([probe.state, probe.isOpen]).toEqual(["half_open", false]);
  });

  test("opens with the first call that fails, whatever those before it say later", () => {
    const probe = new Probe();
    const before = probe.begin();
    probe.fail(3).at(1_000).succeed(2);
    probe.end(before, false);
    expect(probe.state).toBe("half_open");
    probe.fail();
    expect([probe.state, probe.pauseMs]).toEqual(["open", 2_000]);
  });

  test("takes what was called in spite of the pause for as good", () => {
    expect(new Probe().fail(3).at(10).succeed().state).toBe("half_open");
    expect(new Probe().fail(3).at(10).succeed(3).state).toBe("closed");
    expect(new Probe().fail(3).at(10).fail(50).pauseMs).toBe(990);
  });

  test("gets a tenth of its share once it closed, and all of it after half a minute", () => {
    const probe = new Probe();
    const share = (afterMs: number) => probe.at(afterMs).breaker.share(probe.nowMs);
    expect(share(0)).toBe(1);
    probe.fail(3).at(1_000).succeed(3);
    expect([share(0), share(15_000), share(15_000), share(1)]).toEqual([0.1, 0.5, 1, 1]);
  });
});

describe("a check", () => {
  test("opens a breaker when three failed in a row, and closes it when three passed, pause or no pause", () => {
    const probe = new Probe().check(false, false, true, false, false);
    expect(probe.state).toBe("closed");
    probe.check(false);
    expect([probe.state, probe.breaker.figures(probe.nowMs).reason]).toEqual(["open", "CHECK_FAILED"]);
    probe.at(10).check(true, true);
    expect(probe.state).toBe("half_open");
    probe.check(true);
    expect(probe.state).toBe("closed");
  });

  test("ends the pause of what calls have opened only where another failed meanwhile", () => {
    const probe = new Probe().fail(3).check(true, true, true);
    expect(probe.state).toBe("open");
    expect(probe.check(false, true, true, true).state).toBe("closed");
  });

  test("that saw nothing counts after the pause, but not while calls find out", () => {
    const probe = new Probe().fail(3).at(1_000);
    const trial = probe.begin();
    expect(probe.check(true, true, true).state).toBe("half_open");
    probe.breaker.ended(trial);
    expect(probe.check(true, true, true).state).toBe("closed");
  });

  test("that fails after the pause begins another, twice as long", () => {
    expect(new Probe().fail(3).at(1_000).check(false).pauseMs).toBe(2_000);
  });

  test("closes nothing before the time that the provider asks for is over", () => {
    const probe = new Probe().fail(1, { retryAfterMs: 60_000 }).check(false).at(59_999).check(true, true, true);
    expect(probe.state).toBe("open");
    expect(probe.at(1).check(true, true, true).state).toBe("closed");
  });

  test("that fails opens one that is half-open", () => {
    expect(new Probe().fail(3).at(1_000).succeed().check(false).state).toBe("open");
  });

  test("is not believed where calls succeed though it fails, until it passes", () => {
    const probe = new Probe().check(false, false, false).at(1).succeed(3).check(false, false, false, false);
    expect(probe.state).toBe("closed");
    expect(probe.check(true, false, false, false).state).toBe("open");
  });
});

test("whatever happens, a breaker is in one of its three states, goes from one to another as it may, and recovers by calls alone", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("begin" as const) }),
    fc.record({ kind: fc.constantFrom("succeed" as const, "fail" as const, "leave" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("check" as const), hasPassed: fc.boolean() }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  );
  const may = new Set(["closed > open", "open > half_open", "half_open > closed", "half_open > open"]);
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const probe = new Probe();
    const calls: BreakerCall[] = [];
    for (const each of steps) {
      if (each.kind === "begin") calls.push(probe.begin());
      else if (each.kind === "check") probe.check(each.hasPassed);
      else if (each.kind === "wait") probe.at(each.ms);
      else {
        const [call] = calls.splice(each.which % Math.max(1, calls.length), 1);
        if (call === undefined) continue;
        if (each.kind === "leave") probe.breaker.ended(call);
        else probe.end(call, each.kind === "fail");
      }
    }
    expect(probe.changes.filter((change) => !may.has(change))).toEqual([]);
    for (const call of calls) probe.breaker.ended(call);
    expect(probe.at(60_000).succeed(3).state).toBe("closed");
    expect(probe.isOpen).toBe(false);
  }));
});
