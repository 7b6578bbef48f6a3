import { ErrorReason } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { AlfredError, fail, fromErrorInfo, GrpcCode, isFailure, REASONS, toErrorInfo } from "../src/index.ts";
import type { ReasonRow } from "../src/index.ts";

const sent = Object.entries(ErrorReason).filter(([, value]) => value > 0) as [string, keyof typeof REASONS][];
const rows: ReasonRow[] = Object.values(REASONS);

describe("the table of reasons", () => {
  test.each(sent)("%s has a row under its own name, with a hint", (name, reason) => {
    const row = REASONS[reason];
    expect(`ERROR_REASON_${row.name}`).toBe(name);
    expect(row.hint).toMatch(/^[A-Z].{10,}\.$/);
    expect(row.openaiCode).toMatch(/^[a-z_]+$/);
    expect(row.openaiType).toMatch(/^[a-z_]+$/);
    expect(row.httpStatus).toBeGreaterThanOrEqual(400);
    expect(row.grpcCode).not.toBe(GrpcCode.OK);
  });

  test("has no row for what the contract does not know", () => {
    expect(rows).toHaveLength(sent.length);
  });

  test("tells reasons apart by code, but for what is wrong with a key", () => {
    const codes = rows.filter((row) => !row.name.startsWith("KEY_")).map((row) => row.openaiCode);
    expect(new Set(codes).size).toBe(codes.length);
    const keys = rows.filter((row) => row.name.startsWith("KEY_"));
    for (const row of keys) expect(row).toMatchObject({ httpStatus: 401, openaiCode: "invalid_api_key" });
  });

  test.each([
    ["INSUFFICIENT_QUOTA", 402, "insufficient_quota", false],
    ["BUDGET_HELD", 429, "budget_held", true],
    ["RATE_LIMITED", 429, "rate_limit_exceeded", true],
    ["PAYLOAD_TOO_LARGE", 413, "payload_too_large", false],
  ] as const)("%s is RESOURCE_EXHAUSTED on the wire and %i in HTTP", (name, status, code, retryable) => {
    const { row } = fail(name, "x");
    expect(row).toMatchObject({
      grpcCode: GrpcCode.RESOURCE_EXHAUSTED, httpStatus: status, openaiCode: code, retryable, moneyMoved: "no",
    });
  });

  test("nobody is told to repeat what their own request got wrong", () => {
    for (const row of rows.filter((one) => one.httpStatus < 429 && one.httpStatus !== 409)) {
      expect(row.retryable, row.name).toBe(false);
    }
  });
});

describe("an AlfredError", () => {
  test("takes its reason by name or by number, and the table's hint", () => {
    const error = new AlfredError(ErrorReason.ERROR_REASON_NOT_FOUND, "There is no such team.");
    expect(error).toMatchObject({ code: "NOT_FOUND", hint: error.row.hint, metadata: {}, name: "AlfredError" });
    expect(fail("NOT_FOUND", "x").reason).toBe(error.reason);
    expect(isFailure(error, "NOT_FOUND")).toBe(true);
    expect(isFailure(error, "INTERNAL")).toBe(false);
    expect(isFailure(new Error("x"))).toBe(false);
  });

  test("survives ErrorInfo whole, but for its cause", () => {
    const error = fail("BUDGET_HELD", "Held.", { metadata: { account: "team_1" }, hint: "Wait.", cause: new Error("db") });
    const back = fromErrorInfo(toErrorInfo(error), error.message);
    expect(back).toMatchObject({
      reason: error.reason, message: "Held.", hint: "Wait.", metadata: { account: "team_1" },
    });
    expect(back?.cause).toBeUndefined();
  });

  test("is not made from another domain's reason, nor from one unknown here", () => {
    expect(fromErrorInfo({ reason: "NOT_FOUND", domain: "googleapis.com", metadata: {} }, "x")).toBeUndefined();
    expect(fromErrorInfo({ reason: "OF_THE_FUTURE", domain: "alfred", metadata: {} }, "x")).toBeUndefined();
  });
});
