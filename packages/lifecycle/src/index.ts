/** Ordered start and reverse stop, and the life of a process around them. */
export { failpoint, FAILPOINTS } from "./failpoint.ts";
export type { Failpoint } from "./failpoint.ts";
export { Lifecycle } from "./lifecycle.ts";
export type { LifecycleOptions } from "./lifecycle.ts";
export { runProcess } from "./run-process.ts";
export type { ProcessContext, ProcessHost, RunOptions } from "./run-process.ts";
export { sentence } from "./sentence.ts";
