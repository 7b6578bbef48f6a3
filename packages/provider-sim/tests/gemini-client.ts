import { GoogleGenAI } from "@google/genai";
import type { Part } from "@google/genai";
import { startSim } from "./sim-client.ts";
import type { ProviderSim, ProviderSimOptions } from "../src/index.ts";

/** A simulator that listens, and Google's official client that speaks to it. */
export interface SimAndGemini {
  readonly sim: ProviderSim;
  /** The base URL with the version. */
  readonly url: string;
  readonly client: GoogleGenAI;
}

/** Starts a simulator for the length of the test. */
export async function startGemini(options: ProviderSimOptions = {}, apiKey = "AIza-simulator-key"): Promise<SimAndGemini> {
  const { sim, url } = await startSim(options);
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${url}/gemini` } });
  return { sim, url: `${url}/gemini/v1beta`, client };
}

/** A function to be called. */
export const SUM = {
  name: "sum",
  parametersJsonSchema: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } }, required: ["a", "b"] },
};

/** Contents of parts by turns, the user's first. */
export function turns(...contents: readonly (readonly Part[])[]): { role: string; parts: Part[] }[] {
  return contents.map((parts, index) => ({ role: index % 2 === 0 ? "user" : "model", parts: [...parts] }));
}

/** What is posted comes back with its status. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(url, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  return { status: answer.status, json: await answer.json() };
}
