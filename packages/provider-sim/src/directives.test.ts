import { describe, expect, test } from "vitest";
import { directiveNames } from "./behaviour.ts";
import { parseBehaviour, requestBehaviour, withoutDirectives } from "./directives.ts";

describe("directives", () => {
  test("a list of pairs apart by spaces or commas, a bare name meaning 1", () => {
    expect(parseBehaviour("delay_ms=500, tokens=40 no_done error_rate=0.25 fail_key=a:b-1")).toEqual({
      delayMs: 500,
      tokens: 40,
      noDone: true,
      errorRate: 0.25,
      failKey: "a:b-1",
    });
  });

  test.each([
    ["dely_ms=5", "Unknown simulator directive 'dely_ms'."],
    ["delay_ms=soon", "Simulator directive 'delay_ms' takes a whole number from 0 to 600000, not 'soon'."],
    ["delay_ms=", "takes a whole number"],
    ["status=200", "takes a whole number from 400 to 599"],
    ["error_rate=2", "takes a number from 0 to 1"],
    ["crlf=maybe", "takes 1 or 0"],
    ["fail_key=", "takes up to 128 letters"],
    ["constructor=1", "Unknown simulator directive 'constructor'."],
  ])("%s is refused", (list, message) => {
    expect(() => parseBehaviour(list)).toThrow(message);
  });

  test("the message wins over the header, the header over the server", () => {
    const base = { delayMs: 1, tokens: 1, status: 500 };
    const headers = { "x-sim-tokens": "2", "x-sim-delay-ms": "2", "content-type": "application/json" };
    const behaviour = requestBehaviour(base, headers, "Hi [[sim: tokens=3]] there [[sim: no_usage=1 no_done=0]]");
    expect(behaviour).toEqual({ delayMs: 2, tokens: 3, status: 500, noUsage: true, noDone: false });
  });

  test("a request that asks for nothing shares the server's behaviour", () => {
    const base = { delayMs: 1 };
    expect(requestBehaviour(base, { host: "sim" }, "Hi")).toBe(base);
  });

  test("they leave the text that is answered", () => {
    expect(withoutDirectives("[[sim: tokens=3]] Hello [[sim:crlf]]")).toBe("Hello");
  });

  test("every field has a directive", () => {
    expect(directiveNames()).toContain("malformed_after");
    expect(new Set(directiveNames()).size).toBe(directiveNames().length);
  });
});
