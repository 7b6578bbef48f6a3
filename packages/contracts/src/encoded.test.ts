import { expect, test } from "vitest";
import { Amount, encoded, Key } from "./index.ts";

const LONG = "x".repeat(100_000);

test("the bytes are the message's, however many were written before, and stay so", () => {
  const messages = ["a", "é".repeat(300), LONG, "", "b"].map((name) => Key.create({ id: "key_1", name }));
  const written = messages.map((message) => encoded(Key, message));
  expect(written.map((bytes) => Key.decode(bytes))).toEqual(messages);
  expect(written).toEqual(messages.map((message) => Buffer.from(Key.encode(message).finish())));
});

test("a message that cannot be written leaves nothing to the next", () => {
  const whole = Amount.create({ unit: 1, value: 7n });
  expect(() => encoded(Amount, { ...whole, value: 1n << 64n })).toThrow("too large");
  expect(encoded(Amount, whole)).toEqual(Buffer.from(Amount.encode(whole).finish()));
});

test("one may be written while another is", () => {
  const inner = Amount.create({ unit: 1, value: 7n });
  let within: Buffer | undefined;
  const outer = encoded({ encode: (name: string, writer) => {
    writer.uint32(10);
    within = encoded(Amount, inner);
    return writer.string(name);
  } }, "outer");
  expect(outer.subarray(2).toString()).toBe("outer");
  expect(within).toEqual(Buffer.from(Amount.encode(inner).finish()));
});
