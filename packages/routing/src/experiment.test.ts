import { ExperimentArm, RouteExperiment, RouteRule } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { compileExperiment } from "./experiment.ts";
import type { RequestFacts } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";
import { compileRule } from "./rule.ts";

const SUBJECTS = 10_000;
/** Four standard deviations of a share among so many: a sound hash is past it once in 16,000 times, and always the same. */
const TOLERANCE = 4 * Math.sqrt(0.25 / SUBJECTS);

const armsOf = (weights: Readonly<Record<string, number | undefined>>): ExperimentArm[] => Object.entries(weights).map(([name, weight]) => ExperimentArm.fromPartial({ name, weight }));
const experimentOf = (fields: Partial<RouteExperiment> = {}): RouteExperiment => ({ ...RouteExperiment.create({ name: "trial", arms: armsOf({ a: 1, b: 1 }) }), ...fields });
const factsOf = (key: string, fields: Partial<RequestFacts> = {}): RequestFacts => ({
  model: "gpt-4o", key, user: "", team: "", organisation: "org_1", tag: () => "", header: () => "", promptTokens: () => 1, estimatedCostUsd: () => 1, now: new Date(0), ...fields,
});

/** The arm of each subject. */
function assigned(weights: Readonly<Record<string, number>>, name = "trial"): string[] {
  const { armOf } = compileExperiment(experimentOf({ name, stickyBy: "key", arms: armsOf(weights) }));
  return Array.from({ length: SUBJECTS }, (_, index) => armOf(factsOf(`key_${index}`), () => "").name);
}

const shareOf = (arms: readonly string[], arm: string): number => arms.filter((each) => each === arm).length / arms.length;

describe("subjects are divided", () => {
  test("in proportion to the weights", () => {
    const arms = assigned({ control: 7, cheap: 2, new: 1, off: 0 });
    for (const [arm, share] of Object.entries({ control: 0.7, cheap: 0.2, new: 0.1 })) expect(Math.abs(shareOf(arms, arm) - share)).toBeLessThan(TOLERANCE);
    expect(shareOf(arms, "off")).toBe(0);
  });

  test("the same each time, whatever the order of the arms", () => {
    expect(assigned({ a: 3, b: 5 })).toEqual(assigned({ b: 5, a: 3 }));
  });

  test("anew by an experiment of another name", () => {
    const [one, other] = [assigned({ a: 1, b: 1 }), assigned({ a: 1, b: 1 }, "second-trial")];
    expect(Math.abs(one.filter((arm, index) => arm === other[index]).length / SUBJECTS - 0.5)).toBeLessThan(TOLERANCE);
  });

  test("so that a weight that changes moves subjects to its arm or from it alone, and no more than its share changes by", () => {
    const weights = { a: 4, b: 4, c: 2 };
    const before = assigned(weights);
    for (const [c, movedShare] of [[5, 5 / 13 - 2 / 10], [1, 2 / 10 - 1 / 9], [0, 2 / 10]] as const) {
      const after = assigned({ ...weights, c });
      const moved = before.flatMap((arm, index) => (arm === after[index] ? [] : [[arm, after[index]]]));
      expect(moved.every(([from, to]) => (c > 2 ? to : from) === "c")).toBe(true);
      expect(Math.abs(moved.length / SUBJECTS - movedShare)).toBeLessThan(TOLERANCE);
    }
  });
});

describe("what a request sticks by", () => {
  test.each<[string, Partial<RequestFacts>]>([
    ["user", { user: "user_7" }], ["team", { team: "team_7" }], ["organisation", { organisation: "org_7" }],
    ["tag:customer", { tag: (name) => (name === "customer" ? "7" : "") }],
    ["header:x-alfred-route-session", { header: (name) => (name === "x-alfred-route-session" ? "7" : "") }],
  ])("may be %s", (stickyBy, fields) => {
    const { armOf } = compileExperiment(experimentOf({ stickyBy }));
    const arms = Array.from({ length: 50 }, (_, index) => armOf(factsOf(`key_${index}`, fields), () => `req_${index}`).name);
    expect(new Set(arms).size).toBe(1);
  });

  test.each([["", {}], ["tag:customer", {}], ["team", {}]])("is the request itself where there is nothing: by '%s'", (stickyBy, fields) => {
    const { armOf } = compileExperiment(experimentOf({ stickyBy }));
    const arms = Array.from({ length: 50 }, (_, index) => armOf(factsOf("key_1", fields), () => `req_${index}`).name);
    expect(new Set(arms).size).toBe(2);
  });
});

describe("what cannot be is refused", () => {
  const arms = (...changed: readonly Partial<ExperimentArm>[]): Partial<RouteExperiment> => ({ arms: changed.map((fields, index) => Object.assign(ExperimentArm.create({ name: `arm-${index}` }), fields)) });

  test.each<[string, Partial<RouteExperiment>]>([
    ["experiment.name", { name: "Two Words" }],
    ["experiment.arms", { arms: [] }],
    ["experiment.arms", arms(...Array.from({ length: 17 }, () => ({})))],
    ["experiment.arms", arms({ name: "a" }, { name: "a" })],
    ["experiment.arms", arms({ weight: 0 }, { weight: 0 })],
    ["experiment.arms[1].name", arms({}, { name: "" })],
    ["experiment.arms[1].weight", arms({}, { weight: 1_001 })],
    ["experiment.arms[0].targets[0].model", arms({ targets: [{ model: "gpt-*", weight: undefined }] })],
    ["experiment.arms[0].fallbacks[0]", arms({ fallbacks: [""] })],
    ["experiment.sticky_by", { stickyBy: "model" }],
    ["experiment.sticky_by", { stickyBy: "header:authorization" }],
    ["experiment.sticky_by", { stickyBy: "colour" }],
    ["experiment.account", { account: "team 1" }],
  ])("%s", (field, fields) => {
    expect(faultOf({ experiment: experimentOf(fields) })).toBe(field);
  });

  test.each<[string, Partial<RouteRule>]>([
    ["experiment", { targets: [{ model: "gpt-4o", weight: undefined }] }],
    ["experiment", { fallbacks: ["gpt-4o"] }],
    ["deny", { deny: "No." }],
    ["", { strategy: 3 }],
  ])("beside it, as %s", (field, fields) => {
    expect(faultOf({ experiment: experimentOf(), ...fields })).toBe(field);
  });
});

function faultOf(fields: Partial<RouteRule>): string {
  try {
    compileRule({ ...RouteRule.create({ id: "r" }), ...fields });
    return "";
  } catch (error) {
    if (error instanceof RuleFault) return error.field;
    throw error;
  }
}
