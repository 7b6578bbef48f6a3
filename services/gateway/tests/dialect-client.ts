import { SseDecoder, isObject, parseJson, readChatRequest, writeChatChunk, writeChatCompletion } from "@alfred/openai";
import { type ProviderSim, type SimProviderId, createProviderSim, simBaseUrls } from "@alfred/provider-sim";
import type { ProviderKind } from "../src/domain/route.ts";
import { dialectOf } from "../src/providers/dialects.ts";

export type Json = Record<string, unknown>;
/** A provider in the simulator, how it is spoken to, and the model that is asked. */
export type Spoken = readonly [id: SimProviderId, kind: ProviderKind, priceBook: string, model: string];

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

  private constructor(sim: ProviderSim, baseUrl: string, [, kind, priceBook, model]: Spoken) {
    this.#sim = sim;
    this.#baseUrl = baseUrl;
    this.#model = model;
    this.#dialect = dialectOf({ kind, priceBook });
  }

  static async of(spoken: Spoken): Promise<DialectClient> {
    const sim = createProviderSim({ apiKeys: [SECRET] });
    return new DialectClient(sim, simBaseUrls(await sim.listen())[spoken[0]], spoken);
  }

  /** The message that answers a body, as a client has it. @throws NotServed, Error where the provider refuses */
  async answer(body: Json, streamed: boolean): Promise<Json> {
    const { chat } = readChatRequest(parseJson(JSON.stringify({ model: "m", ...body })));
    const { request, unsupported } = this.#dialect.chat(chat, { baseUrl: this.#baseUrl, secret: SECRET, model: this.#model }, streamed);
    if (unsupported.length > 0) throw new NotServed(unsupported.join(", "));
    const response = await fetch(request.url, { method: "POST", headers: { "content-type": "application/json", ...request.headers }, body: JSON.stringify(request.body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return streamed ? this.#streamed(text) : this.#whole(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sim[Symbol.asyncDispose]();
  }

  #whole(text: string): Json {
    const { choices } = writeChatCompletion(this.#dialect.readChat(parseJson(text))) as { choices: [{ message: Json }] };
    return choices[0].message;
  }

  #streamed(text: string): Json {
    const reader = this.#dialect.streamChat();
    const frames = new SseDecoder().push(Buffer.from(text));
    const chunks = frames.flatMap((frame) => reader.push(frame)).map((chunk) => writeChatChunk(chunk));
    if (!reader.isWhole) throw new Error(`not whole: ${text}`);
    const deltas = chunks.flatMap(({ choices }) => (choices as { delta: Json }[]).map(({ delta }) => delta));
    return deltas.reduce(joined, {});
  }
}
