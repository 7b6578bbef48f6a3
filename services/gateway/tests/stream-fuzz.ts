import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatStreamReader } from "../src/providers/dialect.ts";
import { hear } from "./stream-pieces.ts";

/** A documented stream, and how it is read. */
interface Documented {
  /** What the stream does, as "calls tools". */
  readonly name: string;
  readonly stream: Buffer;
  /** A reader for one stream. */
  readonly open: () => ChatStreamReader;
  /** What stands in the frame from whose end on the answer is whole; the last frame's unless stated. */
  readonly lastWords?: string;
}

/** How many streams with bytes that are wrong are tried. */
const RUNS = 300;

/**
 * The tests that the stream of every dialect stands: split anywhere it is the same, cut anywhere its beginning and not whole,
 * and with bytes that are wrong a fault of the kinds that a reader may throw, or an answer, and never a hang.
 */
export function testFuzzed({ name, stream, open, lastWords }: Documented): void {
  describe.each([["line feeds", stream], ["carriage returns too", withReturns(stream)]])(`the stream that ${name}, with %s,`, (_, bytes) => {
    const expected = hear(open(), [stream]);
    const wholeFrom = lastWords === undefined ? bytes.length : endOfFrame(bytes, lastWords);

    test("is whole", () => expect(expected).toMatchObject({ isWhole: true, isFaulty: false }));

    test("is the same split at any byte", () => {
      const differing = places(bytes).filter((at) => !isDeepStrictEqual(hear(open(), [bytes.subarray(0, at), bytes.subarray(at)]), expected));
      expect(differing).toEqual([]);
      expect(hear(open(), Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    });

    test("is a beginning of the same cut at any byte, and not whole before its end", () => {
      const differing = places(bytes).filter((at) => {
        const { chunks, isWhole } = hear(open(), [bytes.subarray(0, at)]);
        // A line may end with a carriage return alone.
        const isEarly = at < wholeFrom - 1 && isWhole;
        return isEarly || !isDeepStrictEqual(chunks, expected.chunks.slice(0, chunks.length));
      });
      expect(differing).toEqual([]);
    });

    test("throws nothing else than it may, whatever bytes are lost or changed", () => {
      const place = fc.nat(bytes.length - 1);
      fc.assert(
        fc.property(place, fc.nat(40), fc.uint8Array({ maxLength: 3 }), (at, lost, instead) => {
          expect(() => hear(open(), [bytes.subarray(0, at), instead, bytes.subarray(at + lost)])).not.toThrow();
        }),
        { numRuns: RUNS },
      );
    });
  });
}

function places(bytes: Buffer): number[] {
  return Array.from(bytes.keys());
}

function withReturns(stream: Buffer): Buffer {
  return Buffer.from(stream.toString().replaceAll("\n", "\r\n"));
}

/** Where the frame with these words ends, in bytes. */
function endOfFrame(bytes: Buffer, words: string): number {
  const at = bytes.indexOf(words);
  if (at === -1) throw new Error(`The stream does not say ${words}.`);
  const ends = ["\n\n", "\r\n\r\n"].map((blank) => bytes.indexOf(blank, at) + blank.length).filter((end) => end > at);
  return Math.min(...ends);
}
