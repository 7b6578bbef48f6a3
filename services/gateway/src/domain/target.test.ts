import { expect, test } from "vitest";
import { Target } from "./target.ts";
import { Targets } from "./targets.ts";

test("a model at a provider is as fast as it was lately, whole answers apart from streamed ones", () => {
  const target = new Target();
  const answered = (streamed: boolean, firstByteMs: number, nowMs: number) => target.answered(target.begun(nowMs), streamed, firstByteMs, nowMs);
  expect(target.firstByteMs(true, 0)).toBeUndefined();
  answered(true, 100, 0);
  answered(true, 200, 1_000);
  answered(false, 5_000, 1_000);
  expect([target.firstByteMs(true, 61_000), target.firstByteMs(false, 61_000)]).toEqual([120, 5_000]);
  expect(target.firstByteMs(true, 61_001)).toBeUndefined();
  answered(true, 300, 70_000);
  expect(target.firstByteMs(true, 70_000)).toBe(300);
});

test("it is silent where nothing is heard of it for three times as long as answers usually take to begin, and calls wait", () => {
  const target = new Target();
  const first = target.begun(0);
  expect([target.isSilent(10_000), target.isSilent(10_001)]).toEqual([false, true]);
  target.heard(first, 10_001);
  target.answered(first, true, 100, 10_001);
  target.ended(first);
  expect(target.isSilent(60_000)).toBe(false);
  const [long, stuck] = [target.begun(60_000), target.begun(60_000)];
  expect([target.isSilent(62_000), target.isSilent(62_001)]).toEqual([false, true]);
  target.heard(long, 62_001);
  expect([target.isSilent(64_001), target.isSilent(64_002)]).toEqual([false, true]);
  target.ended(stuck);
  // The other is being answered.
  expect(target.isSilent(90_000)).toBe(false);
});

test("of the calls to it a fifth may be repeated, and ten in any case", () => {
  const target = new Target();
  const repeated = (): number => {
    let count = 0;
    for (; target.mayRepeat; count += 1) target.repeats();
    for (let left = count; left > 0; left -= 1) target.repeated();
    return count;
  };
  expect(repeated()).toBe(10);
  const calls = Array.from({ length: 500 }, () => target.begun(0));
  expect(repeated()).toBe(100);
  for (const call of calls) target.ended(call);
  expect(repeated()).toBe(10);
});

test("what is known of models that clients name at will has a bound", () => {
  const targets = new Targets();
  const first = targets.of("openai", "first");
  expect(targets.of("openai", "first")).toBe(first);
  const [failing, called] = [targets.of("openai", "failing"), targets.of("openai", "called")];
  failing.failed(failing.begun(0), { reason: "PROVIDER_UNAVAILABLE", isLasting: true }, 0);
  called.begun(0);
  for (let index = 0; index < 10_000; index += 1) targets.of("openai", `m${index}`);
  expect(targets.known("openai", "first")).toBeUndefined();
  expect([targets.known("openai", "failing"), targets.known("openai", "called")]).toEqual([failing, called]);
  expect(targets.all()).toHaveLength(10_000);
});

test("who only looks leaves nothing behind", () => {
  const targets = new Targets();
  expect([targets.known("openai", "m"), targets.all()]).toEqual([undefined, []]);
});
