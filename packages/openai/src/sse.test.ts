import { describe, expect, test } from "vitest";
import { SseDecoder, SseFrameTooLarge } from "./sse.ts";

const STREAM = ': hello\n\ndata: {"a":"é🙂"}\n\nevent: ping\r\ndata: one\r\ndata: two\r\n\r\nid: 1\ndata:three\n\rdata: [DONE]\r\r\n';
const EVENTS = [
  { event: "", data: '{"a":"é🙂"}' },
  { event: "ping", data: "one\ntwo" },
  { event: "", data: "three" },
  { event: "", data: "[DONE]" },
];

describe("server-sent events", () => {
  test("are the same however the bytes are cut", () => {
    const bytes = Buffer.from(STREAM);
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new SseDecoder();
      const events = [];
      for (let at = 0; at < bytes.length; at += size) events.push(...decoder.push(bytes.subarray(at, at + size)));
      expect(events).toEqual(EVENTS);
    }
  });

  test.each([
    ["no space after the colon", "data:x\n\n", ["x"]],
    ["one space only belongs to the form", "data:  x\n\n", [" x"]],
    ["a field without a colon", "data\n\ndata\ndata\n\n", ["", "\n"]],
    ["several lines of data", "data: {\ndata: }\n\n", ["{\n}"]],
    ["ids, pauses and what nobody knows", "id: 7\nretry: 10\nodd: y\n: remark\n:\ndata: x\n\n", ["x"]],
    ["line endings of all kinds", "data: a\r\n\r\ndata: b\n\ndata: c\r\rdata: d\r\ndata: e\n\r\n\r", ["a", "b", "c", "d\ne"]],
    ["colons within the data", 'data: {"a":"b: c"}\n\n', ['{"a":"b: c"}']],
    ["events without data", "event: ping\n\ndata: x\n\n\n\n", ["x"]],
    ["a second byte order mark, which is text", "\uFEFFdata: \uFEFFx\n\n", ["\uFEFFx"]],
  ])("take %s, however the bytes are cut", (_, text, expected) => {
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new SseDecoder();
      const events = [];
      for (let at = 0; at < bytes.length; at += size) events.push(...decoder.push(bytes.subarray(at, at + size)));
      expect(events.map(({ data }) => data)).toEqual(expected);
    }
  });

  test("come as soon as their last line ends, be it by a carriage return", () => {
    const decoder = new SseDecoder();
    expect(decoder.push(Buffer.from("data: x\r\r"))).toEqual([{ event: "", data: "x" }]);
    expect(decoder.push(Buffer.from("\ndata: y\n\n"))).toEqual([{ event: "", data: "y" }]);
  });

  test("with bytes that are no text have marks in their place", () => {
    expect(new SseDecoder().push(Buffer.from([...Buffer.from("data: "), 0xff, ...Buffer.from("\n\n")]))[0]?.data).toBe("\uFFFD");
  });

  test("that are cut off by the end are none", () => {
    expect(new SseDecoder().push(Buffer.from("data: half"))).toEqual([]);
  });

  test("may begin with a byte order mark", () => {
    expect(new SseDecoder().push(Buffer.from("\uFEFFdata: x\n\n"))).toEqual([{ event: "", data: "x" }]);
  });

  test.each(["data: " + "x".repeat(100), "data: x\n".repeat(100), "data\n".repeat(100), ": " + "x".repeat(100), "event: " + "x".repeat(100)])("are bounded in size", (text) => {
    expect(() => new SseDecoder(64).push(Buffer.from(text))).toThrow(SseFrameTooLarge);
  });

  test("of a line that comes in many pieces are put together in one go", () => {
    const decoder = new SseDecoder();
    const piece = Buffer.from("x".repeat(64));
    decoder.push(Buffer.from("data: "));
    // Looked at anew with each piece this would be 80 billion characters.
    for (let pieces = 0; pieces < 50_000; pieces++) decoder.push(piece);
    expect(decoder.push(Buffer.from("\n\n"))[0]?.data).toHaveLength(64 * 50_000);
  });
});
