import { describe, expect, test } from "vitest";
import { schemaExample } from "./schema-example.ts";

describe("an example of a schema", () => {
  test.each([
    [{ type: "string", minLength: 5 }, "simmm"],
    [{ type: "string", maxLength: 2 }, "si"],
    [{ type: "string", format: "email" }, "sim@example.com"],
    [{ type: "integer", minimum: 7 }, 7],
    [{ type: "integer", exclusiveMinimum: 7 }, 8],
    [{ type: "integer", minimum: 7, multipleOf: 5 }, 10],
    [{ type: "number", maximum: -2 }, -2],
    [{ type: "boolean" }, true],
    [{ type: "null" }, null],
    [{ type: ["integer", "null"] }, 1],
    [{ enum: ["b", "a"] }, "b"],
    [{ const: 0 }, 0],
    [{ type: "array", items: { type: "integer" }, minItems: 3 }, [1, 1, 1]],
    [{ type: "array", items: { type: "integer" }, maxItems: 0 }, []],
    [{ anyOf: [{ type: "integer" }, { type: "string" }] }, 1],
    [{ properties: { a: { type: "string" } } }, { a: "sim" }],
    [{ allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: { const: 2 } } }] }, { a: "sim", b: 2 }],
    [{ $ref: "#/$defs/point", $defs: { point: { type: "object", properties: { x: { type: "integer" } } } } }, { x: 1 }],
  ])("%j is %j", (schema, value) => {
    expect(schemaExample(schema)).toEqual(value);
  });

  test("a schema that holds itself ends at its null branch", () => {
    const node = { type: "object", properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } }, required: ["next"] };
    const text = JSON.stringify(schemaExample(node));
    expect(text.endsWith(`{"next":null}${"}".repeat(text.split("next").length - 2)}`)).toBe(true);
  });

  test("a schema that requires itself without end still gives a value", () => {
    expect(schemaExample({ type: "object", properties: { next: { $ref: "#" } }, required: ["next"] })).toBeTypeOf("object");
  });
});
