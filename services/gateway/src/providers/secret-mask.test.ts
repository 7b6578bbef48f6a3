import { describe, expect, test } from "vitest";
import { SecretMask } from "./secret-mask.ts";

const SECRET = 'sk-a/b+c="d\\e.0123456789';

/** Every character as an escape of its code. */
const escaped = (text: string, upper: boolean): string =>
  Array.from(text, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${upper ? code.toUpperCase() : code}`;
  }).join("");

describe("a key in the text of JSON", () => {
  const usual = JSON.stringify(SECRET).slice(1, -1);
  test.each([
    ["as most write it", usual], ["with its slashes escaped", usual.replaceAll("/", String.raw`\/`)], ["in codes", escaped(SECRET, false)], ["in large codes", escaped(SECRET, true)],
    ["in codes in part", escaped(SECRET.slice(0, 3), false) + usual.slice(3)],
  ])("%s is hidden, and the text is JSON still", (_, written) => {
    expect(JSON.parse(new SecretMask(SECRET).over(`{"a":"Bearer ${written}, ${written}!","b":"\\u00fc"}`))).toEqual({ a: "Bearer [hidden], [hidden]!", b: "ü" });
  });

  test("that is not there leaves it as it is", () => {
    const text = String.raw`{"a":"\u00fc \/ sk-a"}`;
    expect(new SecretMask(SECRET).over(text)).toBe(text);
  });
});

test.each(["", "ollama", "none", "EMPTY", "placeholder", "12345678"])("what stands in the place of a key, as %j, is left where it is said", (secret) => {
  expect(new SecretMask(secret).over('{"a":"ollama none EMPTY placeholder 12345678"}')).toBe('{"a":"ollama none EMPTY placeholder 12345678"}');
});

test.each(["token-abc123", "0123456789abcdef", "abcdefghijklmnopqrst"])("what looks like a key, as %j, is hidden", (secret) => {
  expect(new SecretMask(secret).over(`{"a":"${secret}"}`)).toBe('{"a":"[hidden]"}');
});
