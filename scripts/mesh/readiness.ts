import { setTimeout as delay } from "node:timers/promises";
import { StartError } from "../../services/all/src/start-error.ts";
import type { MeshProcess } from "./mesh-process.ts";

const readyWithinMs = 60_000;
const pollMs = 100;
const answerWithinMs = 2_000;

/** Waits until a process answers 200 at `url`; a `StartError` when it ends before, or takes too long. */
export async function untilReady(started: MeshProcess, url: string): Promise<void> {
  const abort = new AbortController();
  const ended = started.ended.then((end) => {
    throw new StartError(`${started.name} ended before it was ready (${end}); what it said stands above.`);
  });
  try {
    await Promise.race([ended, polled(started.name, url, abort.signal)]);
  } finally {
    abort.abort();
  }
}

async function polled(name: string, url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (!signal.aborted) {
    if (await answersOk(url)) return;
    if (performance.now() > deadline) throw new StartError(`${name} was not ready within ${readyWithinMs / 1000} s (${url}).`);
    await delay(pollMs);
  }
}

function answersOk(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}
