import { describe, expect, test } from "vitest";
import { ASKED, post, startAnthropic } from "./anthropic-client.ts";
import { all, user } from "./sim-client.ts";

const SUM = {
  name: "sum",
  description: "Adds",
  input_schema: { type: "object" as const, properties: { a: { type: "integer" }, b: { type: "integer" } }, required: ["a", "b"] },
};

describe("a message", () => {
  test("echoes the last user's text and counts tokens", async () => {
    const { client } = await startAnthropic();
    const message = await client.messages.create({ ...ASKED, system: "Be brief.", messages: user("Hello, world!") });
    expect(message).toMatchObject({ id: "msg_sim_1", type: "message", role: "assistant", model: "sim-chat", stop_reason: "end_turn", stop_sequence: null });
    expect(message.content).toEqual([{ type: "text", text: "You said: Hello, world!" }]);
    expect(message.usage).toMatchObject({ input_tokens: 13, output_tokens: 7, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 });
  });

  test("tells limit, stop sequence and refusal as reasons of its end", async () => {
    const { client } = await startAnthropic();
    const short = await client.messages.create({ ...ASKED, max_tokens: 2, messages: user("one two three") });
    expect(short).toMatchObject({ stop_reason: "max_tokens", content: [{ text: "You said" }] });
    const stopped = await client.messages.create({ ...ASKED, stop_sequences: ["two", "three"], messages: user("one two three") });
    expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "two" });
    const refused = await client.messages.create({ ...ASKED, messages: user("[[sim: refusal]]") });
    expect(refused).toMatchObject({ content: [], stop_reason: "refusal", stop_details: { type: "refusal", explanation: "I cannot help with that." } });
  });

  test("calls tools, in parallel unless that is forbidden", async () => {
    const { client } = await startAnthropic();
    const ask = { ...ASKED, tools: [SUM], messages: user("[[sim: tool_calls=2]]") };
    const message = await client.messages.create(ask);
    expect(message.stop_reason).toBe("tool_use");
    expect(message.content).toEqual([0, 1].map((index) => ({
      type: "tool_use", id: `toolu_sim_1_0_${index}`, name: "sum", input: { a: 1, b: 1 }, caller: { type: "direct" },
    })));
    const single = await client.messages.create({ ...ask, tool_choice: { type: "any", disable_parallel_tool_use: true } });
    expect(single.content).toHaveLength(1);
  });

  test("goes on after the results of its calls", async () => {
    const { client } = await startAnthropic();
    const first = await client.messages.create({ ...ASKED, tools: [SUM], messages: user("sum") });
    const [call] = first.content;
    const id = call?.type === "tool_use" ? call.id : "";
    const messages = [...user("sum"), { role: "assistant" as const, content: first.content }, { role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: id, content: "2" }] }];
    const second = await client.messages.create({ ...ASKED, tools: [SUM], messages });
    expect(second).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text", text: "You said: sum" }] });
  });

  test("keeps to a schema, and cites a document", async () => {
    const { client } = await startAnthropic();
    const schema = { type: "object", properties: { city: { type: "string", enum: ["Oslo"] } }, required: ["city"], additionalProperties: false };
    const structured = await client.messages.create({ ...ASKED, output_config: { format: { type: "json_schema", schema } }, messages: user("Where?") });
    expect(structured.content).toMatchObject([{ text: `{"city":"Oslo"}` }]);
    const document = { type: "document" as const, title: "Grass", source: { type: "text" as const, media_type: "text/plain" as const, data: "Grass is green." }, citations: { enabled: true } };
    const cited = await client.messages.create({ ...ASKED, messages: [{ role: "user", content: [document, { type: "text", text: "Hi" }] }] });
    expect(cited.content).toMatchObject([{ citations: [{ type: "char_location", cited_text: "Grass is green.", document_index: 0, document_title: "Grass" }] }]);
  });

  test("tells what the cache was read and written for", async () => {
    const { client } = await startAnthropic();
    const content = [{ type: "text" as const, text: "one two three four five [[sim: cached_tokens=2 cache_write_tokens=3]]", cache_control: { type: "ephemeral" as const, ttl: "1h" as const } }];
    const { usage } = await client.messages.create({ ...ASKED, messages: [{ role: "user", content }] });
    expect(usage).toMatchObject({ cache_read_input_tokens: 2, cache_creation_input_tokens: 3, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 3 } });
    const zero = await client.messages.create({ ...ASKED, messages: user("[[sim: usage_zero]]") });
    expect(zero.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    const none = await client.messages.create({ ...ASKED, messages: user("[[sim: no_usage]]") });
    expect(none.usage).toBeUndefined();
  });
});

describe("a stream", () => {
  test("is the documented sequence of named events", async () => {
    const { url } = await startAnthropic();
    const answer = await post(url, { ...ASKED, stream: true, messages: user("Hi") });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const frames = (await answer.text()).trimEnd().split("\n\n").map((frame) => frame.split("\n"));
    const names = frames.map(([event]) => event?.replace("event: ", ""));
    expect(names).toEqual([
      "message_start", "content_block_start", "ping",
      ...["You", " said", ":", " Hi"].map(() => "content_block_delta"),
      "content_block_stop", "message_delta", "message_stop",
    ]);
    expect(frames.map(([, data]) => (JSON.parse(data?.replace("data: ", "") ?? "") as { type: string }).type)).toEqual(names);
  });

  test("adds up to the whole answer in the official client", async () => {
    const { client } = await startAnthropic();
    const ask = { ...ASKED, max_tokens: 4_000, thinking: { type: "enabled" as const, budget_tokens: 2_000 }, tools: [SUM], messages: user("sum [[sim: reasoning_tokens=5]]") };
    const streamed = await client.messages.stream(ask).finalMessage();
    const whole = await client.messages.create(ask);
    const unsigned = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(/"signature":"[^"]*"/g, `"signature":""`).replaceAll(/sim_\d/g, "sim_")) as unknown;
    expect(unsigned(streamed.content)).toEqual(unsigned(whole.content));
    expect(streamed.usage).toMatchObject({ output_tokens: whole.usage.output_tokens, input_tokens: whole.usage.input_tokens });
    expect(streamed.stop_reason).toBe("tool_use");
  });

  test("sends the input of tools in pieces, empty or broken where asked for", async () => {
    const { client } = await startAnthropic();
    const pieces = async (wrong: string) => {
      const events = await all(await client.messages.create({ ...ASKED, stream: true, tools: [SUM], messages: user(`sum ${wrong}`) }));
      return events.flatMap((event) => (event.type === "content_block_delta" && event.delta.type === "input_json_delta" ? [event.delta.partial_json] : []));
    };
    expect((await pieces(""))[0]).toBe("");
    expect((await pieces("")).join("")).toBe(`{"a":1,"b":1}`);
    expect(await pieces("[[sim: tool_arguments=empty]]")).toEqual([""]);
    expect((await pieces("[[sim: tool_arguments=broken]]")).join("")).toBe(`{"a":1,"b":1`);
  });

  test("ends in an error event where it fails midway", async () => {
    const { client } = await startAnthropic();
    const stream = await client.messages.create({ ...ASKED, stream: true, messages: user("[[sim: error_after=4 error_code=overloaded_error]]") });
    await expect(all(stream)).rejects.toMatchObject({ error: { error: { type: "overloaded_error", message: "Internal server error" } } });
  });
});

describe("thoughts", () => {
  const THINKING = { ...ASKED, max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 1_024 } } as const;

  test("carry a signature, and come back with it unchanged or not at all", async () => {
    const { client } = await startAnthropic();
    const { content } = await client.messages.create({ ...THINKING, messages: user("Hi") });
    expect(content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    const ask = (blocks: typeof content) => client.messages.create({ ...THINKING, messages: [...user("Hi"), { role: "assistant", content: blocks }, ...user("Go on")] });
    expect((await ask(content)).stop_reason).toBe("end_turn");
    const [thought, said] = content;
    const changed = thought?.type === "thinking" ? { ...thought, thinking: `${thought.thinking}!` } : thought;
    await expect(ask([changed, said].filter((block) => block !== undefined))).rejects.toMatchObject({ status: 400, apiMessage: "messages.1.content.0: Invalid `signature` in `thinking` block" });
  });

  test("of the newest models are tied to the model and the conversation", async () => {
    const { client } = await startAnthropic();
    const asked = { model: "claude-opus-5-5", max_tokens: 4_000, system: "Be brief." };
    const { content } = await client.messages.create({ ...asked, messages: user("Hi") });
    const next = (changed: object) => client.messages.create({ ...asked, messages: [...user("Hi"), { role: "assistant", content }, ...user("Go on")], ...changed });
    expect((await next({})).stop_reason).toBe("end_turn");
    for (const changed of [{ model: "claude-sonnet-5-5" }, { system: "Be long." }]) {
      await expect(next(changed)).rejects.toThrow("Invalid `signature` in `thinking` block. The block is bound to a different conversation.");
    }
  });

  test("come back redacted as they went", async () => {
    const { client } = await startAnthropic();
    const ask = { ...THINKING, messages: user("Hi [[sim: redact_reasoning]]") };
    const { content } = await client.messages.stream(ask).finalMessage();
    expect(content.map(({ type }) => type)).toEqual(["redacted_thinking", "text"]);
    const next = await client.messages.create({ ...THINKING, messages: [...user("Hi"), { role: "assistant", content }, ...user("Go on")] });
    expect(next.stop_reason).toBe("end_turn");
  });

  test("count within the answer, and are left out on request", async () => {
    const { client } = await startAnthropic();
    const message = await client.messages.create({ ...ASKED, thinking: { type: "adaptive", display: "omitted" }, messages: user("Hi [[sim: reasoning_tokens=40]]") });
    expect(message.content[0]).toMatchObject({ type: "thinking", thinking: "" });
    expect(message.usage.output_tokens_details).toEqual({ thinking_tokens: 40 });
    expect(message.usage.output_tokens).toBe(44);
    const without = await client.messages.create({ ...ASKED, messages: user("Hi [[sim: reasoning_tokens=40]]") });
    expect(without.content.map(({ type }) => type)).toEqual(["text"]);
  });
});
