import { SseDecoder, isObject, parseJson, readChatRequest, writeChatChunk, writeChatCompletion } from "@alfred/openai";
import { type ProviderSim, type SimProviderId, createProviderSim, simBaseUrls } from "@alfred/provider-sim";
import type { ProviderKind } from "../src/domain/route.ts";
import { dialectOf } from "../src/providers/dialects.ts";

export type Json = Record<string, unknown>;
/** A provider in the simulator, how it is spoken to, and the model that is asked. */
export type Spoken = readonly [id: SimProviderId, kind: ProviderKind, model: string];

/** The models of those whose names tell what they take. */
const OWN: Partial<Readonly<Record<SimProviderId, Spoken>>> = {
  anthropic: ["anthropic", "anthropic", "claude-opus-4-5"],
  gemini: ["gemini", "gemini", "gemini-3-pro-preview"],
  cohere: ["cohere", "cohere", "command-a-03-2025"],
};

/** How a provider of the simulator is spoken to. */
export function spokenOf(id: SimProviderId): Spoken {
  return OWN[id] ?? [id, id, "sim-chat"];
}

/** The provider has nothing for these fields. */
export class NotServed extends Error {}

const SECRET = "key-of-the-simulator";

/** A message as a client puts it together from what was streamed: texts are joined, lists of calls by their index, whatever else comes counts as it is. */
function joined(message: Json, delta: Json): Json {
  for (const [name, value] of Object.entries(delta)) {
    const before = message[name];
    if (name === "tool_calls") message[name] = joinedCalls(before as Json[] | undefined, value as Json[]);
    else message[name] = typeof before === "string" && typeof value === "string" && name !== "role" ? before + value : value;
  }
  return message;
}

function joinedCalls(calls: Json[] = [], pieces: Json[]): Json[] {
  for (const { index, ...piece } of pieces) {
    const call = (calls[Number(index)] ??= {});
    const { function: called, ...rest } = piece;
    Object.assign(call, rest, { function: joined((call["function"] as Json | undefined) ?? {}, isObject(called) ? called : {}) });
  }
  return calls;
}

/** A client, in OpenAI's form, of a dialect that speaks to the simulator without a gateway. */
export class DialectClient implements AsyncDisposable {
  readonly #sim: ProviderSim;
  readonly #baseUrl: string;
  readonly #model: string;
  readonly #dialect: ReturnType<typeof dialectOf>;

  private constructor(sim: ProviderSim, baseUrl: string, [, kind, model]: Spoken) {
    this.#sim = sim;
    this.#baseUrl = baseUrl;
    this.#model = model;
    this.#dialect = dialectOf({ kind });
  }

  static async of(spoken: Spoken): Promise<DialectClient> {
    const sim = createProviderSim({ apiKeys: [SECRET] });
    return new DialectClient(sim, simBaseUrls(await sim.listen())[spoken[0]], spoken);
  }

  /** The message that answers a body, as a client has it. @throws NotServed, Error where the provider refuses */
  async answer(body: Json, streamed: boolean): Promise<Json> {
    if (!streamed) return (await this.complete(body)).choices[0].message;
    const deltas = (await this.chunks(body)).flatMap(({ choices }) => choices.map(({ delta }) => delta));
    return deltas.reduce(joined, {});
  }

  /** The whole answer. @throws NotServed, Error where the provider refuses */
  async complete(body: Json): Promise<Json & { choices: [{ message: Json }] }> {
    const answer = this.#dialect.readChat(parseJson(await this.#ask(body, false)));
    return writeChatCompletion(answer) as Json & { choices: [{ message: Json }] };
  }

  /** The pieces of a streamed answer. @throws NotServed, Error where the provider refuses, or its stream is not whole */
  async chunks(body: Json): Promise<(Json & { choices: { delta: Json }[] })[]> {
    const text = await this.#ask(body, true);
    const reader = this.#dialect.streamChat();
    const chunks = new SseDecoder().push(Buffer.from(text)).flatMap((frame) => reader.push(frame));
    if (!reader.isWhole) throw new Error(`not whole: ${text}`);
    return chunks.map((chunk) => writeChatChunk(chunk) as Json & { choices: { delta: Json }[] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sim[Symbol.asyncDispose]();
  }

  async #ask(body: Json, streamed: boolean): Promise<string> {
    const { chat } = readChatRequest(parseJson(JSON.stringify({ model: "m", ...body })));
    const { request, unsupported } = this.#dialect.chat(chat, { baseUrl: this.#baseUrl, secret: SECRET, model: this.#model }, streamed);
    if (unsupported.length > 0) throw new NotServed(unsupported.join(", "));
    const response = await fetch(request.url, { method: "POST", headers: { "content-type": "application/json", ...request.headers }, body: JSON.stringify(request.body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return text;
  }
}
