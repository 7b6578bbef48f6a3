import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";

/** One request of the load. Times in milliseconds, as `performance.now()` tells them. */
export interface Sample {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 where no answer came in time. */
  readonly status: number;
  /** Who answered; empty where nobody did. */
  readonly provider: string;
  readonly attempts: number;
  /** Why it failed, by OpenAI's code; empty where it did not. */
  readonly code: string;
}

/** What is asked, and how often. */
export interface LoadOptions {
  readonly origin: string;
  readonly key: string;
  readonly bodies: readonly string[];
  readonly ratePerSecond: number;
  /** How long an answer is waited for, in milliseconds. */
  readonly patienceMs: number;
}

const CONNECTIONS = 512;

/** Requests at a fixed rate, sent when they are due whether or not others were answered. */
export class SteadyLoad implements AsyncDisposable {
  readonly samples: Sample[] = [];
  readonly #options: LoadOptions;
  readonly #pool: Pool;
  readonly #stop = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #sending: Promise<void>;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#pool = new Pool(options.origin, { connections: CONNECTIONS });
    this.#sending = this.#send();
  }

  /** Sends no more, and waits for the answers. */
  async end(): Promise<readonly Sample[]> {
    this.#stop.abort();
    await this.#sending;
    await Promise.all(this.#open);
    return this.samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.#pool.destroy();
  }

  async #send(): Promise<void> {
    const { ratePerSecond, bodies } = this.#options;
    const startMs = performance.now();
    for (let sent = 0; !this.#stop.signal.aborted; sent += 1) {
      const dueMs = startMs + (sent * 1_000) / ratePerSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      const asked = this.#ask(bodies[sent % bodies.length] ?? "").finally(() => this.#open.delete(asked));
      this.#open.add(asked);
    }
  }

  async #ask(body: string): Promise<void> {
    const { key, patienceMs } = this.#options;
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const startMs = performance.now();
    const sample = (status: number, provider: string, attempts: number, code: string): void => {
      this.samples.push({ startMs, endMs: performance.now(), status, provider, attempts, code });
    };
    try {
      const answer = await this.#pool.request({ path: "/v1/chat/completions", method: "POST", headers, body, signal: AbortSignal.timeout(patienceMs) });
      const json = (await answer.body.json()) as { error?: { code?: string } };
      const told = answer.headers;
      sample(answer.statusCode, String(told["x-alfred-provider"] ?? ""), Number(told["x-alfred-attempts"] ?? 0), json.error?.code ?? "");
    } catch {
      sample(0, "", 0, "no answer");
    }
  }
}
