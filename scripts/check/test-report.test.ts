import { describe, expect, it } from "vitest";
import { readReport } from "./test-report.ts";

const report = (...files: { status: string; tests: string[] }[]): string =>
  JSON.stringify({
    testResults: files.map(({ status, tests }) => ({ status, assertionResults: tests.map((each) => ({ status: each })) })),
  });

describe("readReport", () => {
  it("counts single tests", () => {
    const json = report({ status: "passed", tests: ["passed", "passed"] }, { status: "failed", tests: ["passed", "failed"] });
    expect(readReport(json, 1)).toEqual({ ok: false, passed: 3, failed: 1 });
  });

  it("is content when all passed", () => {
    expect(readReport(report({ status: "passed", tests: ["passed"] }), 0)).toEqual({ ok: true, passed: 1, failed: 0 });
  });

  it("counts a file that did not load as one failure", () => {
    expect(readReport(report({ status: "failed", tests: [] }), 1)).toEqual({ ok: false, passed: 0, failed: 1 });
  });

  it("counts a failed run without a failed test as one failure", () => {
    expect(readReport(report({ status: "passed", tests: ["passed"] }), 1)).toEqual({ ok: false, passed: 1, failed: 1 });
  });

  it("takes a skipped test for a failure", () => {
    expect(readReport(report({ status: "passed", tests: ["passed", "skipped"] }), 0).ok).toBe(false);
  });

  it("fails without a report", () => {
    expect(readReport(undefined, 0)).toEqual({ ok: false, passed: 0, failed: 1 });
  });
});
