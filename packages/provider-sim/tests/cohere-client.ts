import { CohereClientV2 } from "cohere-ai";
import { startSim } from "./sim-client.ts";
import type { ProviderSim, ProviderSimOptions } from "../src/index.ts";

/** A simulator that listens, and Cohere's official client that speaks to it. */
export interface SimAndCohere {
  readonly sim: ProviderSim;
  /** The base URL that a provider is configured with. */
  readonly base: string;
  readonly client: CohereClientV2;
}

/** Starts a simulator for the length of the test. The client never retries. */
export async function startCohere(options: ProviderSimOptions = {}, token = "co-simulator-key"): Promise<SimAndCohere> {
  const { sim, url } = await startSim(options);
  const client = new CohereClientV2({ baseUrl: `${url}/cohere`, token, maxRetries: 0 });
  return { sim, base: `${url}/cohere/v2`, client };
}

/** Posts a body as it is. */
export function postJson(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}
