import { ExperimentArm, RouteExperiment, RouteRule, RouteShadow } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { RuleBook } from "./rule-book.ts";
import { RuleFault } from "./rule-fault.ts";
import { compileRule } from "./rule.ts";
import { hasShadow } from "./shadow.ts";

const shadow = (fields: Partial<RouteShadow> = {}): RouteShadow => RouteShadow.fromPartial({ experiment: "trial", arm: "copy", model: "gpt-4o", account: "team_1", ...fields });
const experiment = RouteExperiment.create({ name: "trial", arms: [ExperimentArm.create({ name: "control" })] });
const ruleOf = (fields: Partial<RouteRule>): RouteRule => ({ ...RouteRule.create({ id: "r" }), ...fields });

describe("a shadow", () => {
  test.each<[string, Partial<RouteRule>]>([
    ["", { shadow: shadow() }],
    ["", { shadow: shadow({ experiment: "" }), experiment }],
    ["", { shadow: shadow({ sharePpm: 1 }), fallbacks: ["gpt-4o"] }],
    ["shadow.experiment", { shadow: shadow({ experiment: "" }) }],
    ["shadow.experiment", { shadow: shadow({ experiment: "another" }), experiment }],
    ["shadow.arm", { shadow: shadow({ arm: "" }) }],
    ["shadow.arm", { shadow: shadow({ arm: "control" }), experiment }],
    ["shadow.model", { shadow: shadow({ model: "gpt *" }) }],
    ["shadow.share_ppm", { shadow: shadow({ sharePpm: 0 }) }],
    ["shadow.share_ppm", { shadow: shadow({ sharePpm: 1_000_001 }) }],
    ["shadow.account", { shadow: shadow({ account: "" }) }],
    ["deny", { shadow: shadow(), deny: "No." }],
  ])("is refused for its '%s'", (field, fields) => {
    expect(faultOf(fields)).toBe(field);
  });

  test("is there for its share of the requests", () => {
    const drawn = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
    const shareOf = (sharePpm?: number): number => drawn.filter((each) => hasShadow(shadow({ sharePpm }), each)).length;
    expect([shareOf(), shareOf(1_000_000), shareOf(250_000), shareOf(1)]).toEqual([1_000, 1_000, 250, 1]);
  });

  test("is known of by a book that has one, where its rule is enabled", () => {
    const rule = ruleOf({ shadow: shadow() });
    expect([new RuleBook([rule]), new RuleBook([{ ...rule, enabled: false }]), new RuleBook()].map(({ hasShadows }) => hasShadows)).toEqual([true, false, false]);
  });
});

function faultOf(fields: Partial<RouteRule>): string {
  try {
    compileRule(ruleOf(fields));
    return "";
  } catch (error) {
    if (error instanceof RuleFault) return error.field;
    throw error;
  }
}
