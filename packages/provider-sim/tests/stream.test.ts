import { APIError } from "openai";
import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { all, startSim, user } from "./sim-client.ts";

const MODEL = "sim-chat";

describe("a streamed chat completion", () => {
  test("a role frame, a frame per token, a finishing frame, and usage last when asked for", async () => {
    const { client, sim } = await startSim();
    const request = { model: MODEL, messages: user("Hi there"), stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await all(await client.chat.completions.create(request));
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("You said: Hi there");
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-2)?.choices[0]).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: "stop" });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } });
    const record = await sim.requests.waitFor(({ finishedAtMs }) => finishedAtMs !== null);
    expect(record).toMatchObject({ stream: true, chunksSent: chunks.length, status: 200, clientDisconnected: false });
  });

  test("no usage unless it is asked for, and none when told so", async () => {
    const { client } = await startSim();
    const plain = await all(await client.chat.completions.create({ model: MODEL, messages: user("Hi"), stream: true }));
    const silenced = await all(
      await client.chat.completions.create({
        model: MODEL,
        messages: user("Hi [[sim: no_usage]]"),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    for (const chunk of [...plain, ...silenced]) expect("usage" in chunk).toBe(false);
  });

  test("says what the unary answer says", async () => {
    const { client } = await startSim();
    const messages = user("Tell me [[sim: tokens=300]]");
    const whole = await client.chat.completions.create({ model: MODEL, messages, n: 2 });
    const streamed = await client.chat.completions.stream({ model: MODEL, messages, n: 2 }).finalChatCompletion();
    const texts = (completion: OpenAI.ChatCompletion) => completion.choices.map(({ message }) => message.content);
    expect(texts(streamed)).toEqual(texts(whole));
  });

  test("logprobs and refusals stream too", async () => {
    const { client } = await startSim();
    const chunks = await all(
      await client.chat.completions.create({ model: MODEL, messages: user("[[sim: refusal]]"), stream: true, logprobs: true }),
    );
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.refusal ?? "").join("")).toBe("I cannot help with that.");
    expect(chunks[1]?.choices[0]?.logprobs?.refusal?.[0]?.token).toBe("I");
  });

  test("an error event in the middle reaches the client as an error", async () => {
    const { client } = await startSim();
    const stream = await client.chat.completions.create({ model: MODEL, messages: user("[[sim: error_after=2]]"), stream: true });
    await expect(all(stream)).rejects.toThrow(APIError);
  });

  test("a client that leaves is on record with the frames it was sent", async () => {
    const { client, sim } = await startSim();
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: user("[[sim: stall_after=3]]"),
      stream: true,
    });
    let seen = 0;
    for await (const _ of stream) {
      seen += 1;
      if (seen === 3) break;
    }
    const record = await sim.requests.waitFor(({ clientDisconnected }) => clientDisconnected);
    expect(record).toMatchObject({ chunksSent: 3, status: 200 });
  });
});
