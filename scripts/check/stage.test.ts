import { describe, expect, it } from "vitest";
import { StartError } from "../../services/all/src/start-error.ts";
import { runStages } from "./stage.ts";

describe("runStages", () => {
  it("runs every stage, adds up the tests and counts a failed gate as one failure", async () => {
    const lines: string[] = [];
    const tally = await runStages(
      [
        { name: "gate", run: () => Promise.resolve({ ok: false, output: "said why" }) },
        { name: "suite", run: () => Promise.resolve({ ok: false, output: "", passed: 7, failed: 2 }) },
        { name: "quiet", run: () => Promise.resolve({ ok: true, output: "" }) },
      ],
      (line) => lines.push(line),
    );
    expect(tally).toEqual({ passed: 7, failed: 3, failedStages: ["gate", "suite"] });
    expect(lines.map((line) => line.replace(/[\d.]+ s/, "n s"))).toEqual([
      "said why",
      "FAILED gate (n s)",
      "FAILED suite (n s)",
      "ok     quiet (n s)",
    ]);
  });

  it("takes a thrown error for a failure and shows a known one as its sentence alone", async () => {
    const lines: string[] = [];
    const run = (): Promise<never> => Promise.reject(new StartError("Install Postgres."));
    const tally = await runStages([{ name: "tests", run }], (line) => lines.push(line));
    expect(tally.failed).toBe(1);
    expect(lines[0]).toBe("Install Postgres.");
  });
});
