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

  test("that are cut off by the end are none", () => {
    expect(new SseDecoder().push(Buffer.from("data: half"))).toEqual([]);
  });

  test("may begin with a byte order mark", () => {
    expect(new SseDecoder().push(Buffer.from("\uFEFFdata: x\n\n"))).toEqual([{ event: "", data: "x" }]);
  });

  test.each(["data: " + "x".repeat(100), "data: x\n".repeat(100)])("are bounded in size", (text) => {
    expect(() => new SseDecoder(64).push(Buffer.from(text))).toThrow(SseFrameTooLarge);
  });
});
