import { describe, expect, test } from "vitest";
import { all, startSim } from "./sim-client.ts";

const model = "gpt-3.5-turbo-instruct";

describe("completions of texts", () => {
  test("continue a text, at most 16 tokens long unless more is asked for", async () => {
    const { client } = await startSim();
    const short = await client.completions.create({ model, prompt: "Once upon a time" });
    expect(short).toMatchObject({ object: "text_completion", choices: [{ text: "You said: Once upon a time", index: 0, logprobs: null, finish_reason: "stop" }], usage: { prompt_tokens: 4, completion_tokens: 7 } });
    const long = { model, prompt: "Go on [[sim: tokens=40]]" };
    expect((await client.completions.create(long)).choices[0]).toMatchObject({ finish_reason: "length" });
    expect((await client.completions.create({ ...long, max_tokens: 64 })).usage?.completion_tokens).toBe(40);
  });

  test("are generated for each text, and told with their text where that is asked for", async () => {
    const { client } = await startSim();
    const answer = await client.completions.create({ model, prompt: ["one", "two"], n: 2, best_of: 3, max_tokens: 1, echo: true, logprobs: 1 });
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(answer.choices[0]).toMatchObject({ text: "oneYou", logprobs: { tokens: ["one", "You"], text_offset: [0, 3] } });
    expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 6 });
  });

  test("stream token by token, usage last", async () => {
    const { client } = await startSim();
    const pieces = await all(await client.completions.create({ model, prompt: [1, 2, 3], max_tokens: 8, stream: true, stream_options: { include_usage: true } }));
    expect(pieces.map(({ choices }) => choices[0]?.text ?? "").join("")).toMatch(/^You said: \[1/);
    expect(pieces.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 8 } });
  });

  test.each([
    [{ model, prompt: "x", n: 2, best_of: 1 }, 400],
    [{ model, prompt: "x", logprobs: 6 }, 400],
    [{ model, prompt: [] }, 400],
    [{ model: "gpt-4o", prompt: "x" }, 404],
  ] as const)("are refused for %j", async (body, status) => {
    const { client } = await startSim();
    await expect(client.completions.create(body as never)).rejects.toMatchObject({ status });
  });
});
