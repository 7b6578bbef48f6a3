import { LARGE_INTEGER, SIM_PROVIDER_IDS } from "@alfred/provider-sim";
import { describe, expect, test } from "vitest";
import { DialectClient, spokenOf } from "./dialect-client.ts";

/** The simulator adds an integer that no double holds, and a null, to every object of an answer. */
const ASKED = { max_completion_tokens: 64, messages: [{ role: "user", content: "Hi [[sim: extras tokens=3]]" }] };

describe.each(SIM_PROVIDER_IDS)("an answer of %s", (id) => {
  test("brings along what is not known, nulls and large integers too: in itself, its choices, its message and its usage", async () => {
    await using client = await DialectClient.of(spokenOf(id));
    const whole = await client.complete(ASKED);
    const [choice] = whole.choices;
    const places = [whole, whole["usage"], choice, choice.message].map((place) => JSON.stringify(place ?? {}));
    expect(places.every((text) => text.includes(LARGE_INTEGER) && text.includes('"sim_null":null'))).toBe(true);
  });

  test("does so in pieces, too", async () => {
    await using client = await DialectClient.of(spokenOf(id));
    const texts = (await client.chunks(ASKED)).map((chunk) => JSON.stringify(chunk));
    expect(texts.filter((text) => !text.includes(LARGE_INTEGER))).toEqual([]);
  });
});

const TOOLS = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } } }];

/** What a call is told to have for arguments, in pieces. */
async function argumentsOf(id: (typeof SIM_PROVIDER_IDS)[number], how: "broken" | "empty"): Promise<string> {
  await using client = await DialectClient.of(spokenOf(id));
  const chunks = await client.chunks({ max_completion_tokens: 64, tools: TOOLS, messages: [{ role: "user", content: `Hi [[sim: tool_calls=1 tool_arguments=${how}]]` }] });
  const calls = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => (delta["tool_calls"] ?? []) as { function?: { arguments?: string } }[]));
  return calls.map((call) => call.function?.arguments ?? "").join("");
}

describe("arguments of calls", () => {
  // Perplexity has no tools; Gemini tells objects, which are never broken.
  test.each(SIM_PROVIDER_IDS.filter((id) => !["perplexity", "gemini"].includes(id)))("that are broken come as the model wrote them: %s", async (id) => {
    expect(await argumentsOf(id, "broken")).toBe('{"city":"sim"');
  });

  test.each(["anthropic", "gemini", "cohere"] as const)("that are none come as an empty object: %s", async (id) => {
    expect(await argumentsOf(id, "empty")).toBe("{}");
  });
});
