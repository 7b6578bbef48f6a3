import { setTimeout as delay } from "node:timers/promises";
import { Agent } from "undici";
import type { Tenant, TenantKey } from "../cluster/admin-client.ts";
import { askChat, type ChatAnswer, type ChatAsk } from "../cluster/chat-call.ts";
import { FLAT_MODEL, METERED_MODEL } from "../cluster/cluster.ts";

const WORKERS = 16;
/** Tries of one request by a client that means it. */
const MOST_TRIES = 5;
const RETRY_PAUSE_MS = 60;
/** One that is refused for good does not ask again at once. */
const DENIED_PAUSE_MS = 150;

/** One HTTP request, and what came of it. */
export interface SentCall extends ChatAnswer {
  /** Names the request; those that repeat an idempotency key share it. */
  readonly marker: string;
  readonly keyId: string;
  readonly isIdempotent: boolean;
}

export interface LoadOptions {
  readonly edges: readonly string[];
  readonly tenants: readonly Tenant[];
  /** From 0 to 1. */
  readonly random: () => number;
  /** Ends the load: what is under way is waited for. */
  readonly stop: AbortSignal;
  /** Put before every marker. */
  readonly prefix: string;
}

/** Sends streams and whole answers with every key, and repeats what failed as a client would. */
export async function runLoad(options: LoadOptions): Promise<SentCall[]> {
  const agent = new Agent({ connections: WORKERS, pipelining: 1 });
  const calls: SentCall[] = [];
  let count = 0;
  const nextMarker = (): string => `${options.prefix}-${(count += 1)}`;
  const keys = options.tenants.flatMap((tenant) => tenant.keys);
  const worker = async (): Promise<void> => {
    while (!options.stop.aborted) calls.push(...(await askPatiently(agent, options, pick(keys, options.random), nextMarker)));
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  await agent.destroy();
  return calls;
}

/** One request of an application: sent until it is answered, denied for good, or the client has had enough. */
async function askPatiently(agent: Agent, { edges, random, stop }: LoadOptions, key: TenantKey, nextMarker: () => string): Promise<SentCall[]> {
  const isIdempotent = random() < 0.2;
  const wish = wishOf(random);
  const calls: SentCall[] = [];
  let marker = nextMarker();
  for (let attempt = 1; attempt <= MOST_TRIES && !(attempt > 1 && stop.aborted); attempt += 1) {
    // A repetition under an idempotency key is the same request, whichever gateway gets it.
    if (!isIdempotent && attempt > 1) marker = nextMarker();
    const ask: ChatAsk = { ...wish, edge: pick(edges, random), secret: key.secret, marker, ...(isIdempotent ? { idempotencyKey: marker } : {}) };
    const answer = await askChat(agent, ask);
    calls.push({ ...answer, marker, keyId: key.id, isIdempotent });
    if (answer.isWhole || !isWorthAnotherTry(answer)) break;
    await delay(RETRY_PAUSE_MS * attempt);
  }
  if (calls.at(-1)?.status === 402) await delay(DENIED_PAUSE_MS);
  return calls;
}

function isWorthAnotherTry({ status }: ChatAnswer): boolean {
  return status === undefined || status === 200 || status === 429 || status >= 500;
}

/** What is asked: mostly short answers, some slow, some from a provider that fails first or breaks off. */
function wishOf(random: () => number): Pick<ChatAsk, "model" | "stream" | "maxTokens" | "directives"> {
  const stream = random() < 0.5;
  const model = random() < 0.5 ? FLAT_MODEL : METERED_MODEL;
  const tokens = 1 + Math.floor(random() * 12);
  const slow = stream ? `chunk_delay_ms=${Math.floor(random() * 30)}` : `delay_ms=${Math.floor(random() * 200)}`;
  const chance = random();
  const fault = chance < 0.05 ? " status=500 fail_first=1" : chance < 0.08 && stream ? " cut_after=3" : "";
  return { model, stream, maxTokens: tokens + Math.floor(random() * 40), directives: `tokens=${tokens} ${slow}${fault}` };
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError("There is nothing to choose from.");
  return value;
}
