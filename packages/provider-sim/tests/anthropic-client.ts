import Anthropic from "@anthropic-ai/sdk";
import { startSim } from "./sim-client.ts";
import type { ProviderSim, ProviderSimOptions } from "../src/index.ts";

/** A simulator that listens, and Anthropic's official client that speaks to it. */
export interface SimAndAnthropic {
  readonly sim: ProviderSim;
  /** Where the Messages API is asked. */
  readonly url: string;
  readonly client: Anthropic;
}

/** Starts a simulator for the length of the test. The client never retries. */
export async function startAnthropic(options: ProviderSimOptions = {}, apiKey = "sk-ant-simulator-key"): Promise<SimAndAnthropic> {
  const { sim, url } = await startSim(options);
  const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey, maxRetries: 0 });
  return { sim, url: `${url}/anthropic/v1/messages`, client };
}

/** What every request of these tests has. */
export const ASKED = { model: "sim-chat", max_tokens: 200 } as const;

/** Posts a body with the headers that the API wants, unless others are given in their place. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
