import { type Dispatcher, MockAgent } from "undici";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HttpCall } from "./http-call.ts";

/** A way out that only keeps what is sent. */
class SilentWay extends MockAgent {
  override dispatch(): boolean {
    return true;
  }
}

const controller = { paused: false, resume: () => undefined } as Dispatcher.DispatchController;

function callOn(wayOut: Dispatcher): HttpCall {
  const signal = new AbortController().signal;
  const place = { provider: "p", origin: "http://p.test", path: "/", headers: {}, body: "", onSent: () => undefined, patience: { firstByteMs: 60_000, idleMs: 60_000 } };
  return new HttpCall(wayOut, { ...place, signal, deadlineMs: Date.now() + 60_000, now: Date.now });
}

describe("a call to a provider", () => {
  afterEach(() => vi.useRealTimers());

  test("whose answer came to its end leaves no timer behind", async () => {
    await using wayOut = { agent: new SilentWay(), [Symbol.asyncDispose]: () => wayOut.agent.close() };
    vi.useFakeTimers();
    const call = callOn(wayOut.agent);
    call.onRequestStart(controller);
    call.onResponseStart(controller, 200, {});
    call.discard();
    expect(vi.getTimerCount()).toBe(3);
    call.onResponseEnd();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
