// The load generator, a process of its own: does one task at a time, told over its channel to the bench.
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { seededRandom } from "./random.ts";
import { LoadCall } from "./load/call.ts";
import { gatewaySender } from "./load/gateway-call.ts";
import { Tally } from "./load/tally.ts";
import type { Closed, LoadMessage, LoadTask, Open } from "./load/task.ts";

/** Most connections at a fixed rate: more than a candidate that keeps up ever needs. */
const OPEN_CONNECTIONS = 128;
/** A failing candidate would otherwise be asked as fast as it can refuse. */
const MOST_FAILURES = 1_000;

async function run(task: LoadTask): Promise<void> {
  const { arrivals } = task;
  const connections = arrivals.kind === "closed" ? arrivals.connections : OPEN_CONNECTIONS;
  await using pool = new DisposablePool(task.origin.startsWith("http") ? task.origin : `http://${task.origin}`, connections);
  const tally = new Tally();
  const stop = new AbortController();
  const send = sender(task, pool, tally);
  const working = arrivals.kind === "closed" ? closed(arrivals, send, stop.signal, tally) : open(arrivals, send, stop.signal, tally);
  await delay(task.warmMs);
  tell({ event: "begin" });
  tally.begin();
  await delay(task.measureMs);
  tell({ event: "end", result: tally.end() });
  stop.abort();
  await working;
  tell({ event: "drained" });
}

class DisposablePool extends Pool implements AsyncDisposable {
  constructor(origin: string, connections: number) {
    super(origin, { connections, pipelining: 1, headersTimeout: 20_000, bodyTimeout: 20_000 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }
}

/** How a request is sent, by what the candidate speaks. */
function sender(task: LoadTask, pool: Pool, tally: Tally): () => Promise<void> {
  return task.origin.startsWith("http") ? httpSender(task, pool, tally) : gatewaySender(task, tally);
}

function httpSender({ bodies, key, keys = [key] }: LoadTask, pool: Pool, tally: Tally): () => Promise<void> {
  let sent = 0;
  return () => {
    const call = new LoadCall(tally);
    const headers = { authorization: `Bearer ${keys[sent % keys.length]}`, "content-type": "application/json" };
    const body = bodies[sent++ % bodies.length] ?? "";
    pool.dispatch({ path: "/v1/chat/completions", method: "POST", headers, body }, call);
    return call.done;
  };
}

async function closed({ connections }: Closed, send: () => Promise<void>, stop: AbortSignal, tally: Tally): Promise<void> {
  const worker = async (): Promise<void> => {
    while (!stop.aborted && tally.failures < MOST_FAILURES) await send();
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

async function open({ ratePerSecond, seed }: Open, send: () => Promise<void>, stop: AbortSignal, tally: Tally): Promise<void> {
  const random = seededRandom(seed);
  const intervalMs = 1_000 / ratePerSecond;
  const startMs = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let count = 1; !stop.aborted && tally.failures < MOST_FAILURES; count += 1) {
    const dueMs = startMs + (count + random() / 2) * intervalMs;
    await delay(Math.max(0, dueMs - performance.now()));
    tally.sentLate(performance.now() - dueMs);
    const answered = send().finally(() => underWay.delete(answered));
    underWay.add(answered);
  }
  await Promise.all(underWay);
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}

process.on("message", (task) => void run(task as LoadTask));
process.on("disconnect", () => process.exit(0));
