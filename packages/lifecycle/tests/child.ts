// A process for the tests, which says on its standard output what happens to it.
import { runProcess } from "../src/index.ts";

const [, , behaviour = ""] = process.argv;
const say = (line: string): unknown => process.stdout.write(`${line}\n`);
// Something that would keep the process alive.
setInterval(() => undefined, 1_000);

await runProcess("child", async ({ signal }) => {
  if (behaviour === "refuse") throw new Error("the port 8080 is in use", { cause: new Error("EADDRINUSE") });
  if (behaviour === "wait") {
    signal.addEventListener("abort", () => say("aborted"));
    say("started");
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("gave up"))));
  }
  if (behaviour === "throw") setTimeout(() => { throw new Error("nobody caught this"); }, 10);
  if (behaviour === "reject") setTimeout(() => void Promise.reject(new Error("nobody awaited this")), 10);
  say("started");
  return {
    [Symbol.asyncDispose]: async () => {
      say("stopping");
      if (behaviour === "hang") await new Promise(() => undefined);
      if (behaviour === "break") throw new Error("cannot stop");
      say("stopped");
    },
  };
}, { stopTimeoutMs: 20_000 });
