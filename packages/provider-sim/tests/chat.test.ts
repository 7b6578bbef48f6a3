import { describe, expect, test } from "vitest";
import { countSimTokens } from "../src/index.ts";
import { startSim, user } from "./sim-client.ts";

const MODEL = "sim-chat";

describe("a chat completion", () => {
  test("echoes the last user message in OpenAI's shape", async () => {
    const { client } = await startSim({ now: () => 1_767_225_600_000 });
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: "system", content: "Be brief." }, ...user("Héllo, 漢字!")],
    });
    expect(completion).toEqual({
      id: "chatcmpl-sim-1",
      object: "chat.completion",
      created: 1_767_225_600,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "You said: Héllo, 漢字!", refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 13,
        completion_tokens: 7,
        total_tokens: 20,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
      service_tier: "default",
      system_fingerprint: "fp_sim",
    });
  });

  test("says as many tokens as asked for, the same each time", async () => {
    const { client } = await startSim();
    const ask = () => client.chat.completions.create({ model: MODEL, messages: user("Hi [[sim: tokens=40]]") });
    const [first, second] = [await ask(), await ask()];
    expect(first.usage?.completion_tokens).toBe(40);
    expect(countSimTokens(first.choices[0]?.message.content ?? "")).toBe(40);
    expect(second.choices).toEqual(first.choices);
    expect(second.id).not.toBe(first.id);
  });

  test("ignore_limit answers past the limit", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("Hi [[sim: ignore_limit tokens=9]]"), max_tokens: 2 });
    expect(completion.choices[0]?.finish_reason).toBe("stop");
    expect(completion.usage?.completion_tokens).toBe(9);
  });

  test.each(["max_tokens", "max_completion_tokens"])("%s cuts the answer with finish_reason length", async (limit) => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("one two three"), [limit]: 4 });
    expect(completion.choices[0]?.message.content).toBe("You said: one");
    expect(completion.choices[0]?.finish_reason).toBe("length");
    expect(completion.usage?.completion_tokens).toBe(4);
  });

  test("n choices differ and are all counted", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("Hi"), n: 2 });
    expect(completion.choices.map(({ message }) => message.content)).toEqual(["You said: Hi", "Choice 1. You said: Hi"]);
    expect(completion.usage?.completion_tokens).toBe(4 + 7);
  });

  test("a stop sequence ends the text before it", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("a b c d"), stop: [" d", " c"] });
    expect(completion.choices[0]?.message.content).toBe("You said: a b");
    expect(completion.choices[0]?.finish_reason).toBe("stop");
  });

  test("reasoning counts against the limit and within the completion", async () => {
    const { client } = await startSim();
    const ask = (max: number) =>
      client.chat.completions.create({
        model: MODEL,
        messages: user("Hi [[sim: reasoning_tokens=10 cached_tokens=3]]"),
        max_completion_tokens: max,
      });
    const whole = await ask(100);
    expect(whole.usage?.completion_tokens).toBe(14);
    expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBe(10);
    expect(whole.usage?.prompt_tokens_details?.cached_tokens).toBe(3);
    const starved = await ask(8);
    expect(starved.choices[0]).toMatchObject({ message: { content: "" }, finish_reason: "length" });
    expect(starved.usage?.completion_tokens).toBe(8);
  });

  test("logprobs come with each token and its alternatives", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: user("é"),
      logprobs: true,
      top_logprobs: 2,
    });
    const content = completion.choices[0]?.logprobs?.content ?? [];
    expect(content.map(({ token }) => token)).toEqual(["You", " said", ":", " é"]);
    expect(content[3]?.bytes).toEqual([0x20, 0xc3, 0xa9]);
    expect(content.every(({ logprob, top_logprobs: top }) => logprob <= 0 && top.length === 2)).toBe(true);
  });

  test("refuses on demand", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("[[sim: refusal]]") });
    expect(completion.choices[0]?.message).toMatchObject({ content: null, refusal: "I cannot help with that." });
  });

  test("json_object and json_schema give JSON that fits", async () => {
    const { client } = await startSim();
    const schema = {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" }, tags: { type: "array", items: { enum: ["wet", "dry"] } } },
      required: ["city", "days", "tags"],
      additionalProperties: false,
    };
    const shaped = await client.chat.completions.create({
      model: MODEL,
      messages: user("Hi"),
      response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema } },
    });
    expect(JSON.parse(shaped.choices[0]?.message.content ?? "")).toEqual({ city: "sim", days: 1, tags: ["wet"] });
    const free = await client.chat.completions.create({
      model: MODEL,
      messages: user("As JSON please"),
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(free.choices[0]?.message.content ?? "")).toEqual({ answer: "You said: As JSON please" });
  });

  test("content parts are counted by their kind", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
      ],
    });
    expect(completion.usage?.prompt_tokens).toBe(3 + 3 + 85);
    expect(completion.choices[0]?.message.content).toBe("You said: What is this");
  });

  test("reports no usage on demand", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("[[sim: no_usage]]") });
    expect("usage" in completion).toBe(false);
  });
});
