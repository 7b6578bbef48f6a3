import { EventEmitter, once } from "node:events";
import { Admin } from "../admin.ts";
import type { Mesh } from "../mesh.ts";

/** A usage record as REST tells it. */
export interface UsageRecord {
  readonly requestId: string;
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string;
  readonly source: string;
  readonly reason?: string;
  readonly quantities?: readonly { readonly meter: string; readonly quantity?: string }[];
  readonly cost?: { readonly value?: string };
  readonly tags?: Readonly<Record<string, string>>;
}

const WAIT_MS = 20_000;

/** The usage records of the demo organisation as they are kept, by the tag `case`. */
export class Records implements AsyncDisposable {
  readonly #admin: Admin;
  readonly #abort = new AbortController();
  readonly #byCase = new Map<string, UsageRecord[]>();
  readonly #prices = new Map<string, Promise<bigint>>();
  readonly #arrivals = new EventEmitter().setMaxListeners(0);
  #reading: Promise<void> = Promise.resolve();

  private constructor(mesh: Mesh) {
    this.#admin = new Admin(mesh, mesh.demoKey);
  }

  /** Follows them from now on. */
  static async follow(mesh: Mesh): Promise<Records> {
    const records = new Records(mesh);
    const answer = await fetch(`${mesh.edgeUrl}/admin/v1/usage:watch`, {
      headers: { authorization: `Bearer ${mesh.demoKey}` },
      signal: records.#abort.signal,
    });
    if (!answer.ok || answer.body === null) throw new Error(`usage:watch: ${answer.status}`);
    records.#reading = records.#read(answer.body).catch((error: unknown) => {
      if (!records.#abort.signal.aborted) throw error;
    });
    return records;
  }

  /** The records of a case, once there are so many of them. */
  async of(name: string, count = 1): Promise<readonly UsageRecord[]> {
    const signal = AbortSignal.timeout(WAIT_MS);
    while ((this.#byCase.get(name)?.length ?? 0) < count) await once(this.#arrivals, name, { signal });
    return this.#byCase.get(name) ?? [];
  }

  /** What the price book asks for what was used, in nano-dollars; asked once for the same quantities. */
  priceOf({ provider, model, quantities }: UsageRecord): Promise<bigint> {
    const priceBook = provider === "gemini" ? "google" : provider;
    const request = { provider: priceBook, model, quantities };
    const key = JSON.stringify(request);
    const known = this.#prices.get(key) ?? this.#estimate(request);
    this.#prices.set(key, known);
    return known;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }

  async #estimate(request: object): Promise<bigint> {
    const { cost } = (await this.#admin.ok("POST", "usage:estimateCost", request)) as { cost?: UsageRecord["cost"] };
    return BigInt(cost?.value ?? 0);
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of body) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#keep(line);
    }
  }

  #keep(line: string): void {
    const { record } = JSON.parse(line) as { record?: UsageRecord };
    const name = record?.tags?.["case"];
    if (record === undefined || name === undefined) return;
    this.#byCase.set(name, [...(this.#byCase.get(name) ?? []), record]);
    this.#arrivals.emit(name);
  }
}
