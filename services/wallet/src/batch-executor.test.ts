import { fail } from "@alfred/errors";
import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { EMPTY_BOOKS } from "./domain/memory-books.ts";
import { BatchExecutor } from "./batch-executor.ts";
import type { BatchExecutorParts } from "./batch-executor.ts";
import { Draft } from "./domain/draft.ts";
import type { Job } from "./domain/job.ts";
import type { Operation } from "./domain/operation.ts";
import { done, refused } from "./domain/refusal.ts";

const needs = { organisationId: "org", accountIds: [], units: [] };
const nothing = { touched: new Set<string>() };

function answering<T>(value: T): Operation<T> {
  return { needs: { ...needs }, decide: () => done(value) };
}

function databaseError(code: string): DatabaseError {
  return Object.assign(new DatabaseError("refused", 0, "error"), { code });
}

/** An executor whose commits first do what a test says; they see the batch's size and the number of the attempt. */
function executor(commit: (size: number, attempt: number) => void | Promise<void>, changes: Partial<BatchExecutorParts> = {}): { executor: BatchExecutor; sizes: number[] } {
  const sizes: number[] = [];
  const parts: BatchExecutorParts = {
    commit: async (jobs: readonly Job[]) => {
      sizes.push(jobs.length);
      await commit(jobs.length, sizes.length);
      const draft = new Draft(EMPTY_BOOKS);
      for (const job of jobs) job.run(draft, 0);
      return nothing;
    },
    onCommit: () => undefined,
    maxBatch: 10,
    maxQueue: 100,
    pause: () => Promise.resolve(),
    metrics: { batchDone: () => undefined, queueDepth: () => undefined },
    ...changes,
  };
  return { executor: new BatchExecutor(parts), sizes };
}

describe("BatchExecutor", () => {
  it("puts what comes in one turn into one batch, up to its size", async () => {
    const { executor: queue, sizes } = executor(() => undefined);
    const answers = await Promise.all(Array.from({ length: 25 }, (_, index) => queue.submit(answering(index))));
    expect(answers).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(sizes).toEqual([10, 10, 5]);
  });

  it("answers a refusal as an error and the rest of its batch as usual", async () => {
    const { executor: queue } = executor(() => undefined);
    const refusing: Operation<number> = { needs, decide: () => refused("NOT_FOUND", "There is none.", { account: "a" }) };
    const broken: Operation<number> = { needs, decide: () => { throw new RangeError("a mistake"); } };
    const results = await Promise.allSettled([queue.submit(answering(1)), queue.submit(refusing), queue.submit(broken)]);
    expect(results).toMatchObject([
      { value: 1 },
      { reason: { code: "NOT_FOUND", message: "There is none.", metadata: { account: "a" } } },
      { reason: new RangeError("a mistake") },
    ]);
  });

  it.each(["40P01", "40001", "23505"])("tries again after %s, when another process was first", async (code) => {
    const { executor: queue, sizes } = executor((_, attempt) => {
      if (attempt < 3) throw databaseError(code);
    });
    expect(await queue.submit(answering("a"))).toBe("a");
    expect(sizes).toEqual([1, 1, 1]);
  });

  it("finds the one operation that Postgres refuses, so that the others are answered", async () => {
    const { executor: queue } = executor((size, attempt) => {
      if (size > 1 || attempt === 3) throw databaseError("22021");
    });
    const results = await Promise.allSettled([queue.submit(answering(1)), queue.submit(answering(2)), queue.submit(answering(3))]);
    expect(results).toMatchObject([{ value: 1 }, { reason: { code: "22021" } }, { value: 3 }]);
  });

  it("finds the one operation whose row stays in the way, so that the others are answered", async () => {
    const poisoned = answering(2);
    const { executor: queue } = executor(() => undefined, {
      commit: (jobs) => {
        if (jobs.some(({ needs: of }) => of === poisoned.needs)) throw databaseError("23505");
        for (const job of jobs) job.run(new Draft(EMPTY_BOOKS), 0);
        return Promise.resolve(nothing);
      },
    });
    const results = await Promise.allSettled([queue.submit(answering(1)), queue.submit(poisoned), queue.submit(answering(3))]);
    expect(results).toMatchObject([{ value: 1 }, { reason: { code: "23505" } }, { value: 3 }]);
  });

  it("pauses before each further attempt, and gives up after six", async () => {
    const pauses: number[] = [];
    const pause = (attempt: number): Promise<void> => Promise.resolve(void pauses.push(attempt));
    const { executor: queue, sizes } = executor(() => { throw databaseError("40P01"); }, { pause });
    await expect(queue.submit(answering(1))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect({ sizes, pauses }).toEqual({ sizes: [1, 1, 1, 1, 1, 1], pauses: [1, 2, 3, 4, 5] });
  });

  it("fails a whole batch as UNAVAILABLE when the database is gone, and goes on with the next", async () => {
    const { executor: queue } = executor((_, attempt) => {
      if (attempt === 1) throw new Error("Connection terminated unexpectedly");
    });
    const results = await Promise.allSettled([queue.submit(answering(1)), queue.submit(answering(2))]);
    expect(results).toMatchObject([{ reason: { code: "UNAVAILABLE" } }, { reason: { code: "UNAVAILABLE" } }]);
    expect(await queue.submit(answering(3))).toBe(3);
  });

  it("skips a caller that is gone before its batch begins", async () => {
    const { executor: queue, sizes } = executor(() => undefined);
    const gone = AbortSignal.abort(fail("CANCELLED", "gone"));
    await expect(queue.submit(answering(1), gone)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(sizes).toEqual([]);
  });

  it("answers what it accepted before it closes, and accepts no more", async () => {
    const { executor: queue } = executor(() => undefined);
    const accepted = queue.submit(answering(1));
    await queue[Symbol.asyncDispose]();
    expect(await accepted).toBe(1);
    await expect(queue.submit(answering(2))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
