// Preloaded into every process that the mesh starts. The mesh holds the other end of its stdin: when that closes,
// because the mesh was killed, the process is asked to stop, so that nothing outlives the mesh.
process.stdin.resume().on("close", () => process.kill(process.pid, "SIGTERM"));
// The pipe alone must not keep a process alive that has nothing left to do.
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();
