/** Ordered start and reverse stop, the life of a process around them, and folders that one process has to itself. */
export { failpoint, FAILPOINTS } from "./failpoint.ts";
export type { Failpoint } from "./failpoint.ts";
export { FolderLockError, lockFolder } from "./folder-lock.ts";
export type { FolderLock } from "./folder-lock.ts";
export { Lifecycle } from "./lifecycle.ts";
export type { LifecycleOptions } from "./lifecycle.ts";
export { runProcess } from "./run-process.ts";
export type { ProcessContext, ProcessHost, RunOptions } from "./run-process.ts";
export { sentence } from "./sentence.ts";
