import { ModelPrice } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { PriceBook } from "./price-book.ts";

const AT = new Date("2026-11-21T12:00:00Z");

function price(model: string, rest: Partial<ModelPrice> = {}, nanos = 1n): ModelPrice {
  return { ...ModelPrice.create(), provider: "p", model, meters: [{ meter: "input_tokens", nanos, per: 1n, tiers: [] }], ...rest };
}

describe("a name", () => {
  test("means a model by its id, its aliases and its patterns, whatever its case", () => {
    const book = new PriceBook([
      price("exact", { aliases: ["Alias-1"] }),
      price("patterned", { patterns: [{ rule: { $case: "startsWith", value: "Begin-" } }, { rule: { $case: "regex", value: "^dated-\\d{4}$" } }] }),
      price("both", { patterns: [{ rule: { $case: "allOf", value: { patterns: [{ rule: { $case: "contains", value: "a" } }, { rule: { $case: "endsWith", value: "z" } }] } } }] }),
      price("either", { patterns: [{ rule: { $case: "anyOf", value: { patterns: [{ rule: { $case: "equals", value: "one" } }, { rule: { $case: "equals", value: "two" } }] } } }] }),
    ]);
    const models = ["EXACT", " alias-1 ", "begin-anything", "dated-2026", "bazz", "two", "dated-26", "zz", "other"].map((name) => book.find("p", name, AT)?.model);
    expect(models).toEqual(["exact", "exact", "patterned", "patterned", "both", "either", undefined, undefined, undefined]);
  });

  test("means the first model that it fits", () => {
    const broad = price("broad", { patterns: [{ rule: { $case: "contains", value: "gpt" } }] });
    expect(new PriceBook([broad, price("gpt-5")]).find("p", "gpt-5", AT)?.model).toBe("broad");
    expect(new PriceBook([price("gpt-5"), broad]).find("p", "gpt-5", AT)?.model).toBe("gpt-5");
  });

  test("of a snapshot may have its date without hyphens", () => {
    const book = new PriceBook([price("m", { aliases: ["m-2025-08-07"] })]);
    expect(book.find("p", "m-20250807", AT)?.model).toBe("m");
    expect(book.find("p", "m-20251399", AT)).toBeUndefined();
  });

  test("that is very long, or of another provider, means nothing", () => {
    const book = new PriceBook([price("m", { patterns: [{ rule: { $case: "startsWith", value: "m" } }] })]);
    expect(book.find("p", `m${"x".repeat(300)}`, AT)).toBeUndefined();
    expect(book.find("q", "m", AT)).toBeUndefined();
  });
});

describe("a price for any model of a provider", () => {
  const book = new PriceBook([price("*", {}, 2n), price("m"), price("unpriced", { meters: [] })]);

  test("counts for models that have none of their own", () => {
    const nanos = ["m", "other", "unpriced", "x:3b"].map((name) => book.find("p", name, AT)?.meters[0]?.nanos);
    expect(nanos).toEqual([1n, 2n, 2n, 2n]);
    expect(book.find("q", "other", AT)).toBeUndefined();
  });

  test("is no model itself", () => {
    expect(book.models("p", AT).map(({ model }) => model)).toEqual(["m"]);
  });
});

describe("of several prices", () => {
  const nanosAt = (book: PriceBook, at: string): bigint | undefined => book.find("p", "m", new Date(at))?.meters[0]?.nanos;

  test("the last one that has started counts", () => {
    const book = new PriceBook([price("m"), price("m", { startTime: new Date("2026-08-17T00:00:00Z") }, 2n)]);
    expect(nanosAt(book, "2026-08-16T23:59:59.999Z")).toBe(1n);
    expect(nanosAt(book, "2026-08-17T00:00:00Z")).toBe(2n);
  });

  test("a part of the day counts from its start to just before its end, over midnight too", () => {
    const book = new PriceBook([price("m"), price("m", { daily: { startSeconds: 3600, endSeconds: 7200 } }, 2n), price("m", { daily: { startSeconds: 82_800, endSeconds: 1800 } }, 3n)]);
    const nanos = ["00:59:59", "01:00:00", "01:59:59", "02:00:00", "23:00:00", "00:29:59", "00:30:00"].map((time) => nanosAt(book, `2026-01-01T${time}Z`));
    expect(nanos).toEqual([1n, 2n, 2n, 1n, 3n, 3n, 1n]);
  });

  test("the first counts where none applies", () => {
    expect(nanosAt(new PriceBook([price("m", { startTime: new Date("2030-01-01") }, 9n)]), "2026-01-01")).toBe(9n);
  });
});

describe("a book", () => {
  test("knows no price of a model that is neither priced nor said to be free", () => {
    const book = new PriceBook([price("unknown", { meters: [] }), price("free", { meters: [], free: true })]);
    expect(book.find("p", "unknown", AT)).toBeUndefined();
    expect(book.find("p", "free", AT)?.free).toBe(true);
    expect(book.models("p", AT).map(({ model }) => model)).toEqual(["free"]);
  });

  test("takes a new price in the place of the old one, and forgets what it had found", () => {
    const book = new PriceBook([price("m")]);
    expect(book.find("p", "alias", AT)).toBeUndefined();
    book.put(price("m", { aliases: ["alias"] }, 2n));
    expect(book.find("p", "alias", AT)?.meters[0]?.nanos).toBe(2n);
    expect(book.size).toBe(1);
  });

  test("refuses a pattern without a rule", () => {
    expect(() => new PriceBook([price("m", { patterns: [{ rule: undefined }] })])).toThrow("no rule");
  });
});
