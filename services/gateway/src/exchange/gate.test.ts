import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

const FULL = expect.objectContaining({ code: "OVERLOADED" }) as unknown;

test("so many are let in at once, those not counted that nobody waits for", () => {
  const gate = new Gate({ maxInFlight: 2, maxBacklog: 100 }, () => []);
  gate.beside.enter();
  gate.beside.enter();
  gate.enter();
  gate.enter();
  expect(() => gate.enter()).toThrow(FULL);
  gate.beside.leave();
  expect(() => gate.enter()).toThrow(FULL);
  gate.leave();
  gate.enter();
  expect(gate.inFlight).toBe(3);
});

test("none is let in, waited for or not, whom the queues could not take", () => {
  let waiting = 2;
  const gate = new Gate({ maxInFlight: 100, maxBacklog: 4 }, () => [0, waiting]);
  gate.beside.enter();
  gate.enter();
  for (const entrance of [gate, gate.beside]) expect(() => entrance.enter()).toThrow(FULL);
  waiting = 1;
  gate.beside.enter();
  expect(gate.inFlight).toBe(3);
});

test("it is drained once all are gone", async () => {
  const gate = new Gate({ maxInFlight: 1, maxBacklog: 4 }, () => []);
  gate.enter();
  gate.beside.enter();
  let isDrained = false;
  const drained = gate.drain(new AbortController().signal).then(() => (isDrained = true));
  gate.leave();
  await Promise.resolve();
  expect(isDrained).toBe(false);
  gate.beside.leave();
  expect(await drained).toBe(true);
});
