import { describe, expect, test } from "vitest";
import type { Json } from "../loose-json.ts";
import { bodyOf, mapped } from "./fixtures.ts";
import { traitsOf } from "./model-traits.ts";

const TOOLS = [{ type: "function", function: { name: "f" } }];
const ask = (effort: string, model: string, more: Json = {}): Json => {
  const { thinking, output_config } = bodyOf({ reasoning_effort: effort, ...more }, model);
  return { thinking, output_config };
};

describe("a model's name", () => {
  test.each([
    ["claude-3-5-sonnet-20241022", "none"],
    ["claude-3-opus-20240229", "none"],
    ["claude-3-7-sonnet-latest", "budget"],
    ["claude-sonnet-4-20250514", "budget"],
    ["claude-opus-4-5-20251101", "budget"],
    ["claude-haiku-4-5", "budget"],
    ["claude-opus-4-6", "adaptive"],
    ["anthropic/claude-sonnet-4.6", "adaptive"],
    ["us.anthropic.claude-opus-5", "adaptive"],
    ["claude-mythos-preview", "adaptive"],
    ["a-deployment", "adaptive"],
  ])("%s tells that it thinks by %s", (model, thinking) => expect(traitsOf(model).thinking).toBe(thinking));
});

describe("an effort", () => {
  test.each([
    ["minimal", 4_000, 1_024],
    ["low", 8_000, 2_000],
    ["medium", 8_000, 4_000],
    ["high", 8_000, 6_000],
    ["high", 1_025, 1_024],
  ])("%s within %i tokens is a budget of %i", (effort, limit, budget) => {
    expect(ask(effort, "claude-sonnet-4-5", { max_completion_tokens: limit })).toEqual({ thinking: { type: "enabled", budget_tokens: budget } });
  });

  test.each([["minimal", "low"], ["low", "low"], ["medium", "medium"], ["high", "high"], ["xhigh", "xhigh"], ["max", "max"]])("%s is %s where the model adapts", (effort, own) => {
    expect(ask(effort, "claude-opus-5")).toEqual({ thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: own } });
  });

  test.each([
    ["claude-3-5-sonnet-latest", {}],
    ["claude-sonnet-4-5", {}],
    ["claude-opus-4-8", {}],
    ["claude-opus-5", { thinking: { type: "disabled" } }],
    ["claude-haiku-5-5", { thinking: { type: "disabled" } }],
    ["claude-sonnet-5-5", { thinking: { type: "between_tools" } }],
  ])("none is said to %s as %j", (model, expected) => expect(ask("none", model)).toEqual(expected));

  test.each([
    ["none", "claude-opus-5-5", {}],
    ["none", "claude-fable-5-1", {}],
    ["low", "claude-3-5-haiku-latest", {}],
    ["xhigh", "claude-opus-4-6", {}],
    ["odd", "claude-sonnet-4-5", {}],
    ["low", "claude-sonnet-4-5", { max_completion_tokens: 1_024 }],
    ["low", "claude-sonnet-4-5", { tools: TOOLS, tool_choice: "required" }],
    ["low", "claude-opus-5", { tools: TOOLS, tool_choice: { type: "function", function: { name: "f" } } }],
  ])("%s is named where %s cannot heed it: %j", (effort, model, more) => {
    const { request, unsupported } = mapped({ reasoning_effort: effort, ...more }, model);
    expect(unsupported).toEqual(["reasoning_effort"]);
    expect(request.body).not.toHaveProperty("thinking");
  });

  test("stands beside the form of the answer", () => {
    const format = { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } };
    expect(bodyOf({ reasoning_effort: "low", response_format: format }, "claude-opus-5")["output_config"]).toEqual({
      effort: "low", format: { type: "json_schema", schema: { type: "object" } },
    });
  });

  test("gives way to the API's own words", () => {
    const thinking = { type: "enabled", budget_tokens: 2_000 };
    expect(ask("high", "claude-sonnet-4-5", { thinking })).toEqual({ thinking });
    expect(ask("high", "claude-opus-5", { thinking: { type: "adaptive" } })).toEqual({ thinking: { type: "adaptive" }, output_config: { effort: "high" } });
  });

  test("leaves sampling alone", () => {
    const { unsupported } = mapped({ reasoning_effort: "high", temperature: 0.3, top_p: 0.9, top_k: 4 }, "claude-opus-4-6");
    expect(unsupported).toEqual(["temperature", "top_p", "top_k"]);
    expect(bodyOf({ reasoning_effort: "high", temperature: 1, top_p: 0.97 })).toMatchObject({ temperature: 1, top_p: 0.97 });
  });

  test("needs the thoughts that led to a call, where it is a budget", () => {
    const loop = (extra: Json): Json[] => [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "I look.", tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }], ...extra },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    expect(mapped({ messages: loop({}), reasoning_effort: "low" }).unsupported).toEqual(["reasoning_effort"]);
    expect(mapped({ messages: loop({ thinking_blocks: [{ type: "redacted_thinking", data: "Em" }] }), reasoning_effort: "low" }).unsupported).toEqual([]);
    expect(mapped({ messages: loop({}), reasoning_effort: "low" }, "claude-opus-4-6").unsupported).toEqual([]);
  });
});
