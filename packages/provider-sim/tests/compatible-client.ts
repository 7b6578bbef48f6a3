import OpenAI from "openai";
import { simBaseUrls } from "../src/index.ts";
import type { ProviderSim, ProviderSimOptions, SimProviderId } from "../src/index.ts";
import { postJson } from "./cohere-client.ts";
import { startSim } from "./sim-client.ts";

/** A simulator that listens, and OpenAI's client that speaks to one of its providers. */
export interface SimAndProvider {
  readonly sim: ProviderSim;
  /** The base URL that the provider is configured with. */
  readonly base: string;
  readonly client: OpenAI;
  /** Asks for a chat as the body has it; the parsed answer with its status. */
  chat(body: object, headers?: Readonly<Record<string, string>>): Promise<object>;
  /** The data of a stream's events, `[DONE]` included, parsed where it is JSON. */
  chunks(body: object): Promise<unknown[]>;
}

/** Two tools, of which a message that names them calls both. */
export const TOOLS = ["weather", "clock"].map((name) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } } } },
}));

/** Starts a simulator for the length of the test. The client never retries. */
export async function startProvider(id: SimProviderId, options: ProviderSimOptions = {}): Promise<SimAndProvider> {
  const { sim, url } = await startSim(options);
  const base = simBaseUrls(url)[id];
  const ask = (body: object, headers: Readonly<Record<string, string>> = {}) => postJson(`${base}/chat/completions`, { model: "m", ...body }, headers);
  return {
    sim,
    base,
    client: new OpenAI({ baseURL: base, apiKey: "sk-simulator-key", maxRetries: 0 }),
    async chat(body, headers) {
      const response = await ask(body, headers);
      return { status: response.status, ...((await response.json()) as object) };
    },
    async chunks(body) {
      const text = await (await ask({ stream: true, ...body })).text();
      return text.split("\n\n").flatMap((event) => (event.startsWith("data: ") ? [parsed(event.slice(6))] : []));
    },
  };
}

function parsed(data: string): unknown {
  return data === "[DONE]" ? data : (JSON.parse(data) as unknown);
}
