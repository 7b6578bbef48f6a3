import { createLogger } from "@alfred/telemetry";
import { describe, expect, test } from "vitest";
import { InProcessBus } from "../src/index.ts";
import { event, specifyEventBus } from "./event-bus-spec.ts";

const log = createLogger({ name: "test", level: "silent" });

describe("the bus in one process", () => {
  specifyEventBus(() => new InProcessBus({ log }));

  test("accepts an event only when it was handled", async () => {
    await using bus = new InProcessBus({ log });
    const steps: string[] = [];
    const published = bus.publish(event()).then(() => steps.push("accepted"));
    bus.consume(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push("handled");
    });
    await published;
    expect(steps).toEqual(["handled", "accepted"]);
  });

  test("refuses what is more than it may hold", async () => {
    await using bus = new InProcessBus({ log, capacity: 2 });
    const waiting = [bus.publish(event()), bus.publish(event())];
    await expect(bus.publish(event())).rejects.toThrow("the event bus is full: 2 events wait");
    bus.consume(() => Promise.resolve());
    await Promise.all(waiting);
    await bus.publish(event());
  });

  test("refuses what still waits when it is closed", async () => {
    const bus = new InProcessBus({ log });
    const waiting = bus.publish(event());
    await Promise.all([expect(waiting).rejects.toThrow("closed"), bus[Symbol.asyncDispose]()]);
  });
});
