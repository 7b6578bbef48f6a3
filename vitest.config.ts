import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", ".tools/**"],
    // Each file in a process of its own: the tests open sockets, databases and child processes.
    pool: "forks",
    // Two at a time, since every integration test shares the cores with three real servers.
    maxWorkers: Math.min(2, availableParallelism()),
    // Limits against hanging, far above what any test takes.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    retry: 0,
    passWithNoTests: false,
  },
});
