import { isFailure } from "@alfred/errors";
import { readChatRequest, readEmbeddingRequest } from "@alfred/openai";
import type { ProviderKind } from "../domain/route.ts";
import type { Dialect, Target } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import { PROBES } from "./probes.ts";

/** Whether a provider is asked for a thing: it is, the field is left out since the answer is the same, or the client is told. */
type Support = "yes" | "left out" | "no";

/** What came of asking for one thing. */
interface Capability {
  readonly group: string;
  readonly name: string;
  readonly support: Support;
  /** The fields that are told, by the client's names: what `drop_unsupported` leaves out. */
  readonly told: readonly string[];
}

/** A provider as the gateway speaks to it. */
export interface ProviderProfile {
  /** The header of its key, and what stands before the key in it. */
  readonly credentials: string;
  /** The path of a chat below the base URL. */
  readonly path: string;
  /** The model that was asked for: some can do what others cannot. */
  readonly model: string;
  readonly capabilities: readonly Capability[];
}

const SECRET = "key";

/** Models of those whose abilities their names tell. */
const MODELS: Partial<Readonly<Record<ProviderKind, string>>> = { anthropic: "claude-opus-4-5", gemini: "gemini-3-pro-preview" };

/** Asks the dialect of a provider for everything that a client may ask for. */
export function profileOf(provider: { readonly kind: ProviderKind; readonly baseUrl: string }): ProviderProfile {
  const dialect = dialectOf(provider);
  const model = MODELS[provider.kind] ?? "a-model";
  const target = { baseUrl: provider.baseUrl, secret: SECRET, model };
  const { request } = dialect.chat(chatWith({}), target, false);
  const [header = "", value = ""] = Object.entries(request.headers).find(([, each]) => each.endsWith(SECRET)) ?? [];
  return {
    credentials: `${header}: ${value.slice(0, -SECRET.length)}`.trim().replace(/:$/, ""),
    path: request.url.slice(provider.baseUrl.length).replace(model, "<model>"),
    model,
    capabilities: [...chatCapabilities(dialect, target), ...embeddingCapabilities(dialect, target), ...mediaCapabilities(dialect)],
  };
}

function chatWith(fields: Readonly<Record<string, unknown>>) {
  return readChatRequest({ model: "m", max_completion_tokens: 4_096, messages: [{ role: "user", content: "Hi" }], ...fields }).chat;
}

function chatCapabilities(dialect: Dialect, target: Target): Capability[] {
  return PROBES.map(({ group, name, fields, mark }) => {
    const { request, unsupported } = dialect.chat(chatWith(fields), target, false);
    const isLeftOut = mark !== undefined && !mark.test(JSON.stringify(request.body));
    return { group, name, told: unsupported, support: unsupported.length > 0 ? "no" : isLeftOut ? "left out" : "yes" };
  });
}

const EMBEDDINGS: Readonly<Record<string, object>> = {
  "texts": { input: ["a", "b"] }, "token ids": { input: [1, 2] }, "`dimensions`": { input: "a", dimensions: 256 }, "`encoding_format`: base64": { input: "a", encoding_format: "base64" },
};

/** Vectors as base64 are written from numbers where a provider has none such. */
function embeddingCapabilities({ embeddings }: Dialect, target: Target): Capability[] {
  return Object.entries(EMBEDDINGS).map(([name, fields]) => {
    const told = embeddings === undefined ? ["model"] : toldOf(() => embeddings.embed(readEmbeddingRequest({ model: "m", ...fields }), target).unsupported);
    return { group: "embeddings", name, told, support: told.length > 0 ? "no" : "yes" };
  });
}

/** What only some have at all; completions of texts are had of everybody, by way of a chat. */
function mediaCapabilities({ images, speech, hearing, moderations }: Dialect): Capability[] {
  const [transcriptions, translations] = [hearing?.transcription, hearing?.translation];
  return Object.entries({ images, speech, transcriptions, translations, moderations }).map(([name, has]) => {
    return { group: "beside chats", name, told: has === undefined ? ["model"] : [], support: has === undefined ? "no" : "yes" };
  });
}

function toldOf(ask: () => readonly string[]): readonly string[] {
  try {
    return ask();
  } catch (error) {
    if (!isFailure(error, "FEATURE_UNSUPPORTED")) throw error;
    return [error.metadata["field"] ?? ""];
  }
}
