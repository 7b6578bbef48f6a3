import { describe, expect, test } from "vitest";
import { startSim } from "./sim-client.ts";

const ask = { model: "gpt-4o-mini-tts", voice: "alloy", input: "Good day" } as const;

describe("speech", () => {
  test("is bytes of the format asked for", async () => {
    const { client } = await startSim();
    const answer = await client.audio.speech.create({ ...ask, response_format: "wav" });
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe("G".repeat(480) + "d".repeat(480));
  });

  test("is events, the last of which tells the usage", async () => {
    const { client } = await startSim();
    const text = await (await client.audio.speech.create({ ...ask, stream_format: "sse" })).text();
    const events = text.split("\n\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)) as { type: string });
    expect(events.map(({ type }) => type)).toEqual(["speech.audio.delta", "speech.audio.delta", "speech.audio.done"]);
    expect(events.at(-1)).toMatchObject({ usage: { input_tokens: 2, output_tokens: 20, total_tokens: 22 } });
  });

  test("breaks off in the midst where that is asked for", async () => {
    const { client } = await startSim();
    const answer = await client.audio.speech.create({ ...ask, input: "Good day [[sim: cut_after=1]]" });
    await expect(answer.arrayBuffer()).rejects.toThrow("terminated");
  });

  test.each([{ speed: 5 }, { response_format: "ogg" }, { voice: null }, { model: "tts-1", stream_format: "sse" }, { input: "x".repeat(4_097) }])("is refused for %j", async (fields) => {
    const { client } = await startSim();
    await expect(client.audio.speech.create({ ...ask, ...fields } as never)).rejects.toMatchObject({ status: 400 });
  });
});
