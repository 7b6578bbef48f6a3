import { describe, expect, test } from "vitest";
import { sanitise } from "./sanitise.ts";

describe("a provider's message", () => {
  test.each([
    ["Key 0123456789abcdef is wrong.", "Key [hidden] is wrong."],
    ["Incorrect API key provided: sk-proj-abcdefgh. See org-A1b2C3d4.", "Incorrect API key provided: [hidden] See [hidden]"],
    ["Invalid: gsk_abcd1234, tgp_v1_abcd, pplx-abcd, AIzaSyA-1234567890, secret_x_1234.", "Invalid: [hidden], [hidden], [hidden], [hidden], [hidden]"],
    ["Sent Authorization: Bearer abc.def-ghi=", "Sent Authorization: [hidden]"],
    ["Key abcd****wxyz and ***.", "Key [hidden] and [hidden]."],
    ["One\r\nline.", "One line."],
    ["Use `max_tokens`, which is 4**2.", "Use `max_tokens`, which is 4**2."],
  ])("has no credentials in it: %s", (message, shown) => expect(sanitise(message, "0123456789abcdef")).toBe(shown));

  test("is not too long, and takes no long to look at", () => {
    expect(sanitise("a".repeat(1_000_000), "")).toHaveLength(2_000);
    expect(sanitise(`${"a".repeat(1_995)} 0123456789abcdef`, "0123456789abcdef")).not.toContain("0123");
  });
});
