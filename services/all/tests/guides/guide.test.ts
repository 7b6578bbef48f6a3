import { describe, expect, test } from "vitest";
import { isPrinted, readGuide } from "./guide.ts";

describe("a guide", () => {
  test("has blocks, each with what it prints", () => {
    const text = "# A\n\n```sh\nls\n```\n\n```text output\na\nb\n```\n\nThen\n\n```python\npass\n```\n";
    expect(readGuide("a.md", text).blocks).toEqual([
      { language: "sh", text: "ls\n", line: 3, prints: "a\nb\n" },
      { language: "python", text: "pass\n", line: 14, prints: "" },
    ]);
  });

  test.each(["```json\n{}\n```\n", "```\nls\n```\n", "```text output\na\n```\n", "```js skip\n1\n```\n"])("has no block that is not run: %j", (text) => {
    expect(() => readGuide("a.md", text)).toThrow("docs/guides/a.md:1: a block is sh");
  });
});

describe("what a program prints", () => {
  test.each([
    ["a\n", "a\n"],
    ["", ""],
    ["HTTP/1.1 200 OK\r\nx-a: 1\r\n\r\n{}", "HTTP/1.1 200 OK\nx-a: 1\n\n{}\n"],
    ["id req_1 (a)\n", "id req_… (a)\n"],
    ["one\ntwo\nthree\nfour\n", "one\n…\nfour\n"],
    ["one\nfour\n", "one\n…\nfour\n"],
  ])("%j is %j", (output, said) => {
    expect(isPrinted(output, said)).toBe(true);
  });

  test.each([
    ["ab\n", "a\n"],
    ["a\nb\n", "a\n"],
    ["a\n", "a\nb\n"],
    ["a\n", ""],
    ["axb\n", "a.b\n"],
    ["a\nb c\n", "a … c\n"],
  ])("%j is not %j", (output, said) => {
    expect(isPrinted(output, said)).toBe(false);
  });
});
