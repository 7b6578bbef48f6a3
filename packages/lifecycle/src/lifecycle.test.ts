import { createLogger } from "@alfred/telemetry";
import { expect, test } from "vitest";
import { Lifecycle, sentence } from "./index.ts";

function recorder(): { events: string[]; lines: string[]; lifecycle: Lifecycle; part: (name: string) => AsyncDisposable } {
  const events: string[] = [];
  const lines: string[] = [];
  const log = createLogger({ name: "test", destination: { write: (line) => lines.push(line) } });
  const part = (name: string): AsyncDisposable => {
    events.push(`start ${name}`);
    return { [Symbol.asyncDispose]: () => Promise.resolve(void events.push(`stop ${name}`)) };
  };
  return { events, lines, lifecycle: new Lifecycle({ log, stopTimeoutMs: 20 }), part };
}

test("what was started last is stopped first", async () => {
  const { events, lifecycle, part } = recorder();
  await lifecycle.start("database", () => part("database"));
  lifecycle.use("bus", part("bus"));
  lifecycle.defer("listener", () => void events.push("stop listener"));
  await lifecycle.stop();
  expect(events).toEqual(["start database", "start bus", "stop listener", "stop bus", "stop database"]);
});

test("a start that fails is told, and what ran before is stopped", async () => {
  const { events, lifecycle, part } = recorder();
  const starting = async (): Promise<void> => {
    await using running = lifecycle;
    await running.start("database", () => part("database"));
    await running.start("bus", () => Promise.reject<AsyncDisposable>(new Error("no bus")));
  };
  await expect(starting()).rejects.toThrow("no bus");
  expect(events).toEqual(["start database", "stop database"]);
});

test("a step that hangs or fails does not keep the others", async () => {
  const { events, lines, lifecycle, part } = recorder();
  lifecycle.use("first", part("first"));
  lifecycle.defer("hanging", () => new Promise<void>(() => undefined));
  lifecycle.defer("failing", () => Promise.reject(new Error("broken")));
  await lifecycle.stop();
  expect(events).toContain("stop first");
  expect(lines.join("")).toMatch(/failing failed to stop[^]*hanging did not stop in time/);
});

test("it stops once, and nothing starts afterwards", async () => {
  const { events, lifecycle, part } = recorder();
  lifecycle.use("first", part("first"));
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect(events).toEqual(["start first", "stop first"]);
  await expect(lifecycle.start("late", () => part("late"))).rejects.toThrow("late is not started: the process is stopping");
});

test("a part whose start was under way while the rest stopped is stopped too", async () => {
  const { events, lifecycle, part } = recorder();
  const slow = Promise.withResolvers<AsyncDisposable>();
  const starting = lifecycle.start("slow", () => slow.promise);
  await lifecycle.stop();
  slow.resolve(part("slow"));
  await expect(starting).rejects.toThrow("the process is stopping");
  expect(events).toEqual(["start slow", "stop slow"]);
});

test("an error is one sentence with what its causes add", () => {
  const refused = new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")], "");
  expect(sentence(new Error("no database", { cause: refused }))).toBe(
    "no database: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1",
  );
  expect(sentence(new Error("port taken: EADDRINUSE", { cause: new Error("EADDRINUSE") }))).toBe("port taken: EADDRINUSE");
  expect(sentence("a text")).toBe("a text");
});
