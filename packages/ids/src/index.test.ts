import { expect, test } from "vitest";
import { isId, newId } from "./index.ts";

test("an id is its prefix and a UUIDv7", () => {
  const id = newId("org");
  expect(id).toMatch(/^org_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(isId("org", id)).toBe(true);
});

test("ids differ", () => {
  expect(new Set(Array.from({ length: 1_000 }, () => newId("evt"))).size).toBe(1_000);
});

test.each([
  ["another prefix", "key_0198c5a4-7a10-7abc-8def-0123456789ab"],
  ["a longer prefix", "org_x_0198c5a4-7a10-7abc-8def-0123456789ab"],
  ["no prefix", "0198c5a4-7a10-7abc-8def-0123456789ab"],
  ["another version", "org_0198c5a4-7a10-4abc-8def-0123456789ab"],
  ["capitals", "org_0198C5A4-7A10-7ABC-8DEF-0123456789AB"],
  ["something after it", "org_0198c5a4-7a10-7abc-8def-0123456789ab\n"],
  ["nothing", ""],
])("%s is no id", (_, text) => {
  expect(isId("org", text)).toBe(false);
});
