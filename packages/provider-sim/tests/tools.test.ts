import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { all, startSim, user } from "./sim-client.ts";

const MODEL = "sim-chat";

function tool(name: string): OpenAI.ChatCompletionFunctionTool {
  const parameters = {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } },
    required: ["city", "days"],
  };
  return { type: "function", function: { name, parameters } };
}

const tools = [tool("get_weather"), tool("get_tides")];

describe("tool calls", () => {
  test("a tool is called when the message names it, with arguments that fit its schema", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("Please get_weather"), tools });
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.message.content).toBeNull();
    expect(choice?.message.tool_calls).toEqual([
      { id: "call_sim_1_0_0", type: "function", function: { name: "get_weather", arguments: `{"city":"sim","days":3}` } },
    ]);
    expect(completion.usage?.completion_tokens).toBe(1 + 15);
  });

  test("no tool is called unless the message names one or a choice forces it", async () => {
    const { client } = await startSim();
    const called = async (fields: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>, text = "Hi") => {
      const completion = await client.chat.completions.create({ model: MODEL, messages: user(text), tools, ...fields });
      const [choice] = completion.choices;
      const names = choice?.message.tool_calls?.map((call) => (call.type === "function" ? call.function.name : "")) ?? [];
      return [...names, choice?.finish_reason];
    };
    expect(await called({})).toEqual(["stop"]);
    expect(await called({ tool_choice: "none" }, "get_tides")).toEqual(["stop"]);
    expect(await called({ tool_choice: "required" })).toEqual(["get_weather", "tool_calls"]);
    expect(await called({ tool_choice: { type: "function", function: { name: "get_tides" } } })).toEqual(["get_tides", "stop"]);
    expect(await called({}, "get_tides and get_weather")).toEqual(["get_weather", "get_tides", "tool_calls"]);
    expect(await called({ parallel_tool_calls: false }, "get_tides and get_weather")).toEqual(["get_weather", "tool_calls"]);
  });

  test("streamed arguments come in fragments, parallel calls under their own index", async () => {
    const { client } = await startSim();
    const messages = user("[[sim: tool_calls=3]]");
    const chunks = await all(await client.chat.completions.create({ model: MODEL, messages, tools, stream: true }));
    const parts = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    const names = parts.flatMap((part) => (part.function?.name === undefined ? [] : [[part.index, part.function.name]]));
    expect(names).toEqual([[0, "get_weather"], [1, "get_tides"], [2, "get_weather"]]);
    for (const index of [0, 1, 2]) {
      const fragments = parts.filter((part) => part.index === index).map((part) => part.function?.arguments ?? "");
      expect(fragments.length).toBeGreaterThan(5);
      expect(JSON.parse(fragments.join(""))).toEqual({ city: "sim", days: 3 });
    }
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test("after a tool's result the answer is text", async () => {
    const { client } = await startSim();
    const call = { id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } } as const;
    const completion = await client.chat.completions.create({
      model: MODEL,
      tools,
      messages: [
        ...user("get_weather [[sim: tool_calls=2]]"),
        { role: "assistant", tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "wet" },
      ],
    });
    expect(completion.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "You said: get_weather" } });
  });

  test("a limit cuts the arguments", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("get_weather"), tools, max_tokens: 5 });
    expect(completion.choices[0]?.finish_reason).toBe("length");
    expect(completion.usage?.completion_tokens).toBe(5);
  });

  test("a custom tool is given what the user said", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: user("run_code print(1)"),
      tools: [{ type: "custom", custom: { name: "run_code" } }],
    });
    expect(completion.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      type: "custom",
      custom: { name: "run_code", input: "run_code print(1)" },
    });
  });
});
