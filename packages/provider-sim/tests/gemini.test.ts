import { FunctionCallingConfigMode, ThinkingLevel } from "@google/genai";
import { describe, expect, test } from "vitest";
import { startGemini, SUM, turns } from "./gemini-client.ts";
import { all } from "./sim-client.ts";

const model = "sim-chat";
const TOOLS = [{ functionDeclarations: [SUM] }];

describe("an answer", () => {
  test("echoes the last user's text and counts tokens", async () => {
    const { client } = await startGemini();
    const answer = await client.models.generateContent({ model, contents: "Hello, world!", config: { systemInstruction: "Be brief." } });
    expect(answer.text).toBe("You said: Hello, world!");
    expect(answer).toMatchObject({ modelVersion: model, responseId: "sim-1" });
    expect(answer.candidates).toMatchObject([{ content: { role: "model" }, finishReason: "STOP", index: 0 }]);
    expect(answer.usageMetadata).toEqual({ promptTokenCount: 13, candidatesTokenCount: 7, totalTokenCount: 20, promptTokensDetails: [{ modality: "TEXT", tokenCount: 13 }] });
  });

  test("tells limit, refusal and broken arguments as reasons of its end", async () => {
    const { client } = await startGemini();
    const ask = async (contents: string, config: object = {}) => (await client.models.generateContent({ model, contents, config })).candidates?.[0];
    expect(await ask("one two three", { maxOutputTokens: 2 })).toMatchObject({ finishReason: "MAX_TOKENS", content: { parts: [{ text: "You said" }] } });
    expect((await ask("one two three", { stopSequences: ["two"] }))?.content?.parts).toEqual([{ text: "You said: one " }]);
    expect(await ask("[[sim: refusal]]")).toMatchObject({ finishReason: "SAFETY", safetyRatings: [{ blocked: true }] });
    expect(await ask("sum [[sim: tool_arguments=broken]]", { tools: TOOLS })).toMatchObject({ finishReason: "MALFORMED_FUNCTION_CALL" });
  });

  test("calls functions, and goes on after their results", async () => {
    const { client } = await startGemini();
    const first = await client.models.generateContent({ model, contents: "sum [[sim: tool_calls=2]]", config: { tools: TOOLS } });
    expect(first.functionCalls).toEqual([{ name: "sum", args: { a: 1, b: 1 } }, { name: "sum", args: { a: 1, b: 1 } }]);
    expect(first.candidates?.[0]?.finishReason).toBe("STOP");
    const results = [1, 2].map((result) => ({ functionResponse: { name: "sum", response: { result } } }));
    const contents = turns([{ text: "sum" }], first.candidates?.[0]?.content?.parts ?? [], results);
    const second = await client.models.generateContent({ model, contents, config: { tools: TOOLS } });
    expect(second.text).toBe("You said: sum");
  });

  test("calls what it may, where it must", async () => {
    const { client } = await startGemini();
    const config = (mode: FunctionCallingConfigMode) => ({ tools: [{ functionDeclarations: [{ name: "add" }, SUM] }], toolConfig: { functionCallingConfig: { mode, ...(mode === FunctionCallingConfigMode.ANY ? { allowedFunctionNames: ["sum"] } : {}) } } });
    const forced = await client.models.generateContent({ model, contents: "Hi", config: config(FunctionCallingConfigMode.ANY) });
    expect(forced.functionCalls?.map(({ name }) => name)).toEqual(["sum"]);
    const none = await client.models.generateContent({ model, contents: "sum", config: config(FunctionCallingConfigMode.NONE) });
    expect(none.functionCalls).toBeUndefined();
  });

  test("keeps to a schema of either kind", async () => {
    const { client } = await startGemini();
    const asked = { model, contents: "Where?", config: { responseMimeType: "application/json" } };
    const own = await client.models.generateContent({ ...asked, config: { ...asked.config, responseSchema: { type: "OBJECT", properties: { city: { type: "STRING", enum: ["Oslo"] } } } } });
    expect(own.text).toBe(`{"city":"Oslo"}`);
    const json = await client.models.generateContent({ ...asked, config: { ...asked.config, responseJsonSchema: { type: "array", items: { const: 7 }, minItems: 2 } } });
    expect(json.text).toBe("[7,7]");
    expect((await client.models.generateContent(asked)).text).toBe(`{"answer":"You said: Where?"}`);
  });

  test("tells usage, log probabilities and several candidates", async () => {
    const { client } = await startGemini();
    const contents = turns([{ text: "Hi [[sim: cached_tokens=4]]" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }]);
    const answer = await client.models.generateContent({ model, contents, config: { candidateCount: 2, responseLogprobs: true, logprobs: 1 } });
    expect(answer.candidates).toHaveLength(2);
    expect(answer.candidates?.[0]?.logprobsResult?.chosenCandidates?.map(({ token }) => token)).toEqual(["You", " said", ":", " Hi"]);
    expect(answer.usageMetadata).toMatchObject({ cachedContentTokenCount: 4, promptTokensDetails: [{ modality: "TEXT" }, { modality: "IMAGE", tokenCount: 85 }] });
    const zero = await client.models.generateContent({ model, contents: "[[sim: usage_zero]]" });
    expect(zero.usageMetadata).toEqual({ promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 });
    expect((await client.models.generateContent({ model, contents: "[[sim: no_usage]]" })).usageMetadata).toBeUndefined();
  });
});

describe("thoughts", () => {
  test("are shown on request, and counted beside what is said", async () => {
    const { client } = await startGemini();
    const contents = "Hi [[sim: reasoning_tokens=5]]";
    const shown = await client.models.generateContent({ model, contents, config: { thinkingConfig: { includeThoughts: true } } });
    expect(shown.candidates?.[0]?.content?.parts?.map(({ thought, text }) => [thought, text])).toEqual([[true, "Thinking and so the river"], [undefined, "You said: Hi"]]);
    expect(shown.usageMetadata).toMatchObject({ candidatesTokenCount: 4, thoughtsTokenCount: 5 });
    const hidden = await client.models.generateContent({ model, contents });
    expect(hidden.candidates?.[0]?.content?.parts).toHaveLength(1);
    expect(hidden.usageMetadata).toMatchObject({ thoughtsTokenCount: 5 });
    const none = await client.models.generateContent({ model, contents, config: { thinkingConfig: { thinkingBudget: 0 } } });
    expect(none.usageMetadata?.thoughtsTokenCount).toBeUndefined();
  });

  test("of the third generation sign the first call, and want the signature back", async () => {
    const { client } = await startGemini();
    const third = "gemini-3-flash-preview";
    const config = { tools: TOOLS, thinkingConfig: { thinkingLevel: ThinkingLevel.LOW } };
    const first = await client.models.generateContent({ model: third, contents: "sum [[sim: tool_calls=2]]", config });
    const parts = first.candidates?.[0]?.content?.parts ?? [];
    expect(parts.map(({ thoughtSignature }) => typeof thoughtSignature)).toEqual(["string", "undefined"]);
    expect(parts.map(({ functionCall }) => functionCall?.id)).toEqual(["call_sim_1_0_0", "call_sim_1_0_1"]);
    const results = parts.map(({ functionCall }) => ({ functionResponse: { id: functionCall?.id ?? "", name: "sum", response: { result: 2 } } }));
    const ask = (answered: typeof parts) => client.models.generateContent({ model: third, contents: turns([{ text: "sum" }], answered, results), config });
    expect((await ask(parts)).text).toBe("You said: sum");
    const [signed, ...others] = parts;
    const { thoughtSignature: _, ...unsigned } = signed ?? {};
    await expect(ask([unsigned, ...others])).rejects.toThrow("Function call is missing a thought_signature in functionCall parts");
    await expect(ask([{ ...unsigned, thoughtSignature: "AAAA" }, ...others])).rejects.toThrow("Corrupted thought signature");
    expect((await ask([{ ...unsigned, thoughtSignature: "skip_thought_signature_validator" }, ...others])).text).toBe("You said: sum");
  });
});

describe("a stream", () => {
  test("is a response per token, with usage that grows and a reason at its end", async () => {
    const { client } = await startGemini();
    const frames = await all(await client.models.generateContentStream({ model, contents: "Hi" }));
    expect(frames.map(({ text }) => text)).toEqual(["You", " said", ":", " Hi", ""]);
    expect(frames.map(({ usageMetadata }) => usageMetadata?.candidatesTokenCount)).toEqual([1, 2, 3, 4, 4]);
    expect(frames.map(({ candidates }) => candidates?.[0]?.finishReason)).toEqual([undefined, undefined, undefined, undefined, "STOP"]);
  });

  test("adds up to the whole answer", async () => {
    const { client } = await startGemini();
    const asked = { model, contents: "sum [[sim: reasoning_tokens=3]]", config: { tools: TOOLS, thinkingConfig: { includeThoughts: true } } };
    const frames = await all(await client.models.generateContentStream(asked));
    const whole = await client.models.generateContent(asked);
    expect(frames.flatMap(({ functionCalls }) => functionCalls ?? [])).toEqual(whole.functionCalls);
    expect(frames.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
  });

  test("without alt=sse is a list", async () => {
    const { url } = await startGemini();
    const answer = await fetch(`${url}/models/${model}:streamGenerateContent`, { method: "POST", body: JSON.stringify({ contents: [{ parts: [{ text: "Hi" }] }] }) });
    expect(answer.headers.get("content-type")).toContain("application/json");
    expect(await answer.json()).toHaveLength(5);
  });

  test("that fails midway tells the error outside of any event", async () => {
    const { client } = await startGemini();
    const stream = await client.models.generateContentStream({ model, contents: "[[sim: error_after=2 error_code=UNAVAILABLE chunk_delay_ms=50]]" });
    await expect(all(stream)).rejects.toThrow("UNAVAILABLE");
  });
});

describe("embeddings", () => {
  test("are the same for the same text, as long as asked", async () => {
    const { client } = await startGemini();
    const { embeddings, usageMetadata } = await client.models.embedContent({ model: "gemini-embedding-001", contents: ["one", "two", "one"], config: { outputDimensionality: 8 } });
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([8, 8, 8]);
    expect(embeddings?.[0]).toEqual(embeddings?.[2]);
    expect(usageMetadata).toMatchObject({ promptTokenCount: 3 });
  });
});
