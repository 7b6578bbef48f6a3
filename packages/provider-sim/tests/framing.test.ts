import { APIConnectionError } from "openai";
import { describe, expect, test } from "vitest";
import { LARGE_INTEGER } from "../src/index.ts";
import { chatBody, postRaw, rawText } from "./raw-client.ts";
import type { RawAnswer } from "./raw-client.ts";
import { all, startSim, user } from "./sim-client.ts";

/** Streams `You said: Hi`: a role frame, four tokens and a finishing frame. */
const FRAMES = 6;

async function stream(directives: string, text = "Hi"): Promise<RawAnswer> {
  const { url } = await startSim();
  return postRaw(url, chatBody(`${text} [[sim: ${directives}]]`, { stream: true }));
}

function frames(answer: RawAnswer): string[] {
  return rawText(answer)
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice("data: ".length));
}

describe("the framing of a stream", () => {
  test("without faults every frame is JSON and [DONE] is last", async () => {
    const answer = await stream("chunk_delay_ms=0");
    expect(answer.complete).toBe(true);
    expect(answer.head).toContain("Content-Type: text/event-stream");
    expect(frames(answer)).toHaveLength(FRAMES + 1);
    expect(frames(answer).at(-1)).toBe("[DONE]");
    expect(rawText(answer).endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("frame by frame and in blocks the bytes are the same", async () => {
    const bytes = async (directives: string) => rawText(await stream(directives)).replaceAll(/"created":\d+/g, "");
    expect(await bytes("tokens=500")).toBe(await bytes("tokens=500 chunk_delay_ms=0"));
  });

  test("no_done leaves the end mark out", async () => {
    const answer = await stream("no_done");
    expect(answer.complete).toBe(true);
    expect(frames(answer)).toHaveLength(FRAMES);
  });

  test("cut_after breaks the connection, truncate_after ends it properly", async () => {
    const cut = await stream("cut_after=3");
    expect([frames(cut).length, cut.complete]).toEqual([3, false]);
    const truncated = await stream("truncate_after=3");
    expect([frames(truncated).length, truncated.complete]).toEqual([3, true]);
    const headersOnly = await stream("cut_after=0");
    expect([frames(headersOnly).length, headersOnly.complete]).toEqual([0, false]);
  });

  test("error_after sends an error frame and nothing more", async () => {
    const answer = await stream("error_after=2 error_code=overloaded");
    expect(frames(answer)).toHaveLength(3);
    expect(JSON.parse(frames(answer)[2] ?? "")).toMatchObject({ error: { type: "server_error", code: "overloaded" } });
    expect(answer.complete).toBe(true);
  });

  test("malformed_after sends one broken frame and goes on", async () => {
    const answer = await stream("malformed_after=2");
    expect(frames(answer)).toHaveLength(FRAMES + 2);
    expect(() => JSON.parse(frames(answer)[2] ?? "") as unknown).toThrow(SyntaxError);
    expect(frames(answer).at(-1)).toBe("[DONE]");
  });

  test("split_bytes cuts frames at odd bytes, inside characters too", async () => {
    const answer = await stream("split_bytes=3", "漢字🙂é");
    const inside = answer.pieces.filter((piece) => !Buffer.from(piece.toString()).equals(piece));
    expect(inside.length).toBeGreaterThan(0);
    expect(Math.max(...answer.pieces.map(({ length }) => length))).toBe(3);
    expect(rawText(answer)).toContain("漢字🙂é");
  });

  test("crlf and comments", async () => {
    const answer = await stream("crlf comments");
    const text = rawText(answer);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).toContain(": waiting\r\n\r\n:\r\n: next\r\ndata: {");
    expect(frames(answer)).toHaveLength(FRAMES + 1);
  });

  test("oversized_bytes pads the first frame with content", async () => {
    const answer = await stream("oversized_bytes=70000");
    const sizes = frames(answer).map(({ length }) => length);
    expect(sizes.findIndex((size) => size > 70_000)).toBe(1);
    expect(JSON.parse(frames(answer)[1] ?? "")).toMatchObject({ choices: [{ delta: { content: "You" } }] });
  });

  test("extras stand in every object of every frame", async () => {
    const answer = await stream("extras");
    for (const frame of frames(answer).slice(0, -1)) {
      expect(frame.split(`"sim_integer":${LARGE_INTEGER}`)).toHaveLength(4);
    }
  });

  test("non-JSON in place of a stream, and an error status before it", async () => {
    expect((await stream("status=503")).head).toContain("HTTP/1.1 503");
    expect((await stream("status=503")).head).toContain("Content-Type: application/json");
  });
});

describe("the official client", () => {
  test.each(["split_bytes=1", "crlf", "comments", "crlf comments split_bytes=7", "oversized_bytes=1000000", "no_done", "extras"])(
    "reads a stream with %s",
    async (directives) => {
      const { client } = await startSim();
      const request = { model: "sim-chat", messages: user(`漢字🙂 [[sim: ${directives}]]`), stream: true } as const;
      const chunks = await all(await client.chat.completions.create(request));
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("You said: 漢字🙂");
    },
  );

  test("notices a connection that breaks", async () => {
    const { client } = await startSim();
    const request = { model: "sim-chat", messages: user("[[sim: cut_after=2]]"), stream: true } as const;
    await expect(client.chat.completions.create(request).then(all)).rejects.toThrow(/terminated|socket|premature/i);
  });

  test("gets a typed error for a reset", async () => {
    const { client } = await startSim();
    const request = { model: "sim-chat", messages: user("[[sim: reset]]") };
    await expect(client.chat.completions.create(request)).rejects.toThrow(APIConnectionError);
  });
});
