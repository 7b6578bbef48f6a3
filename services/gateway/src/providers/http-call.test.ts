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

/** Remembers whether it was paused. */
function pausing(): Dispatcher.DispatchController {
  const state = { paused: false, pause: () => void (state.paused = true), resume: () => void (state.paused = false), abort: () => undefined };
  return state as unknown as Dispatcher.DispatchController;
}

function callOn(wayOut: Dispatcher, idleMs = 60_000): HttpCall {
  const signal = new AbortController().signal;
  const place = { provider: "p", origin: "http://p.test", path: "/", headers: {}, body: "", onSent: () => undefined, patience: { firstByteMs: 60_000, idleMs } };
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

  test("whose reader caught up late is given the whole time again, and no more than that", async () => {
    await using wayOut = { agent: new SilentWay(), [Symbol.asyncDispose]: () => wayOut.agent.close() };
    vi.useFakeTimers();
    const call = callOn(wayOut.agent, 300);
    const held = pausing();
    call.onRequestStart(held);
    call.onResponseStart(held, 200, {});
    call.onResponseData(held, Buffer.alloc(256 * 1024));
    expect(held.paused).toBe(true);
    vi.advanceTimersByTime(290);
    const pieces = call[Symbol.asyncIterator]();
    expect((await pieces.next()).done).toBe(false);
    expect(held.paused).toBe(false);
    const next = pieces.next().catch((error: unknown) => error);
    vi.advanceTimersByTime(290);
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(10);
    expect(await next).toMatchObject({ error: { code: "PROVIDER_TIMEOUT", metadata: { timeout: "between_chunks" } } });
    vi.useRealTimers();
  });
});
