import { RouteOperator, RouteRuleSource, RouteStrategy } from "@alfred/contracts";
import { describe, expect, it } from "vitest";

import { ConfigFileError } from "./config-file-error.ts";
import { parseConfigFile } from "./parse-config-file.ts";

const linesOf = (text: string): readonly string[] => new ConfigFileError("f", parseConfigFile(text).problems).lines;

describe("a rule for routes in the configuration file", () => {
  it("says what a call says, by the same names, operators and strategies in short or whole", () => {
    const { rules, problems } = parseConfigFile(`
route_rules:
  smart.one:
    priority: -5
    enabled: false
    conditions:
      - { field: model, operator: equals, values: [gpt-4o] }
      - { field: prompt_tokens, operator: ROUTE_OPERATOR_GREATER, values: [20000] }
    targets: [{ model: openai/gpt-4o, weight: 0 }, { model: fast }]
    strategy: least_busy
    fallbacks: [anthropic/claude-sonnet-4-5]
  closed: { deny: "Not today." }
  halves:
    experiment:
      name: half
      sticky_by: user
      account: org_1
      arms: [{ name: a, weight: 1 }, { name: b, targets: [{ model: fast }], fallbacks: [gpt-4o] }]
    shadow: { arm: copy, model: slow, share_ppm: 1000, account: org_1 }
`);
    expect(problems).toEqual([]);
    expect(rules.map(({ rule }) => rule)).toMatchObject([
      {
        id: "smart.one", priority: -5, enabled: false, source: RouteRuleSource.ROUTE_RULE_SOURCE_FILE, deny: "",
        conditions: [{ field: "model", operator: RouteOperator.ROUTE_OPERATOR_EQUALS, values: ["gpt-4o"] }, { operator: RouteOperator.ROUTE_OPERATOR_GREATER, values: ["20000"] }],
        targets: [{ model: "openai/gpt-4o", weight: 0 }, { model: "fast", weight: undefined }],
        strategy: RouteStrategy.ROUTE_STRATEGY_LEAST_BUSY, fallbacks: ["anthropic/claude-sonnet-4-5"],
      },
      { id: "closed", priority: 0, enabled: true, deny: "Not today.", targets: [] },
      {
        experiment: { name: "half", stickyBy: "user", account: "org_1", arms: [{ name: "a", weight: 1 }, { name: "b", targets: [{ model: "fast" }], fallbacks: ["gpt-4o"] }] },
        shadow: { arm: "copy", model: "slow", sharePpm: 1_000 },
      },
    ]);
    expect(rules[1]?.at.line).toBe(12);
  });

  it.each([
    ["route_rules: { Big: {} }", /^1:16 .*not an id of a rule/],
    ["route_rules: { a: { colour: red } }", /^1:21 route_rules.a: not known here; expected one of priority, enabled/],
    ["route_rules: { a: { priority: high } }", /route_rules.a.priority: expected a number$/],
    ["route_rules: { a: { priority: 1.5 } }", /not a whole number/],
    ["route_rules: { a: { enabled: 1 } }", /route_rules.a.enabled: expected true or false$/],
    ["route_rules: { a: { conditions: { field: model } } }", /route_rules.a.conditions: expected a list of conditions$/],
    ["route_rules: { a: { conditions: [{ field: model, operator: like, values: [x] }], deny: No. } }", /conditions\[0\].operator: not an operator/],
    ["route_rules: { a: { conditions: [{ field: model, operator: equals, values: [[x]] }], deny: No. } }", /values\[0\]: expected a text or a number$/],
    ["route_rules: { a: { strategy: best } }", /strategy: not a strategy/],
    ["route_rules: { a: { conditions: [{ field: colour, operator: equals, values: [red] }], deny: No. } }", /^1:19 route_rules.a: `conditions\[0\].field`: not a field/],
    ["route_rules: { a: { priority: 3 } }", /^1:19 route_rules.a: `targets`: the rule does nothing/],
  ])("is refused with its place: %s", (text, line) => {
    const lines = linesOf(text);
    expect(lines.length, lines.join("\n")).toBe(1);
    expect(lines[0]).toMatch(line);
  });
});
