import { UsageRecord } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { createLogger } from "@alfred/telemetry";
import { describe, expect, test } from "vitest";
import { UsageQueue } from "./usage-queue.ts";

const recordOf = (recordId: string): UsageRecord => UsageRecord.create({ recordId, quantities: [{ meter: "input_tokens", quantity: 7n }] });

/** A queue before a metering that fails as told, and what it took and logged. */
function queueBefore(failing: (ids: readonly string[]) => Error | undefined) {
  const taken: string[] = [];
  const lines: string[] = [];
  const metering: ConstructorParameters<typeof UsageQueue>[0]["metering"] = {
    recordUsage: ({ records }: { records: UsageRecord[] }) => {
      const ids = records.map(({ recordId }) => recordId);
      const error = failing(ids);
      if (error !== undefined) return Promise.reject(error);
      taken.push(...ids);
      return Promise.resolve({ recorded: ids.length, duplicates: 0 });
    },
  } as never;
  const queue = new UsageQueue({ metering, log: createLogger({ name: "test", destination: { write: (line) => lines.push(line) } }) });
  return { queue, taken, lines };
}

describe("usage records", () => {
  test("that metering fails on for good are put aside whole, and hold up no others", async () => {
    const { queue, taken, lines } = queueBefore((ids) => (ids.includes("bad") ? fail("INTERNAL", "poison") : undefined));
    for (const id of ["a", "bad", "b"]) queue.push(recordOf(id));
    await queue.drain(AbortSignal.timeout(60_000));
    expect(taken).toEqual(["a", "b"]);
    const aside = lines.map((line) => JSON.parse(line) as { record?: unknown }).filter(({ record }) => record !== undefined);
    expect(aside).toMatchObject([{ record: { recordId: "bad", quantities: [{ meter: "input_tokens", quantity: "7" }] } }]);
  });

  test("wait together as long as metering is away", async () => {
    let failures = 0;
    const { queue, taken } = queueBefore((ids) => {
      if (failures === 6) return undefined;
      failures += 1;
      expect(ids).toEqual(["a", "b"]);
      return fail("UNAVAILABLE", "away");
    });
    for (const id of ["a", "b"]) queue.push(recordOf(id));
    await queue.drain(AbortSignal.timeout(60_000));
    expect(taken).toEqual(["a", "b"]);
  }, 60_000);
});
