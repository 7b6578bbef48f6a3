import OpenAI from "openai";
import { onTestFinished } from "vitest";
import { createProviderSim } from "../src/index.ts";
import type { ProviderSim, ProviderSimOptions } from "../src/index.ts";

/** A simulator that listens, and the official client that speaks to it. */
export interface SimAndClient {
  readonly sim: ProviderSim;
  readonly url: string;
  readonly client: OpenAI;
}

/** Starts a simulator for the length of the test. The client never retries, so that each test sees each answer. */
export async function startSim(options: ProviderSimOptions = {}, apiKey = "sk-simulator-key-wxyz"): Promise<SimAndClient> {
  const sim = createProviderSim(options);
  onTestFinished(() => sim[Symbol.asyncDispose]());
  const url = await sim.listen();
  return { sim, url, client: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }) };
}

/** One user message. */
export function user(content: string): { role: "user"; content: string }[] {
  return [{ role: "user", content }];
}

/** All that an async iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
