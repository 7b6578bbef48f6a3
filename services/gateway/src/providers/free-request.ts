import { readChatRequest } from "@alfred/openai";
import type { ProviderKind, Upstream } from "../domain/route.ts";
import { dialectOf } from "./dialects.ts";
import { AZURE_UNVERSIONED, AZURE_VERSION } from "./openai/dialect.ts";

/** A GET that costs nothing. */
export interface FreeRequest {
  /** The whole URL, its query included. */
  readonly url: string;
  /** Credentials and versions. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A chat that is never sent: by it a dialect says how it is told who calls. */
const { chat: NOTHING } = readChatRequest({ model: "m", max_completion_tokens: 1, messages: [{ role: "user", content: "Hi" }] });

/** The list of models below the address, as each documents it; Perplexity documents none beside its chats. */
const LISTS: Readonly<Record<ProviderKind, ((upstream: Upstream) => string) | undefined>> = {
  // Source: https://platform.openai.com/docs/api-reference/models/list
  openai: ofOpenAi,
  // Source: https://learn.microsoft.com/rest/api/azureopenai/models/list
  azure: ofAzure,
  // Source: https://platform.claude.com/docs/en/api/models-list
  anthropic: ({ baseUrl }) => `${baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1/models?limit=1`,
  // Source: https://ai.google.dev/api/models
  gemini: ({ baseUrl }) => `${baseUrl}/models?pageSize=1`,
  // Source: https://docs.cohere.com/reference/list-models; it is of the version before that of chats.
  cohere: ({ baseUrl }) => `${baseUrl.replace(/\/v2$/, "/v1")}/models?page_size=1`,
  // Sources: https://docs.mistral.ai/api, https://console.groq.com/docs/api-reference, https://api-docs.deepseek.com/api/list-models,
  // https://docs.together.ai/reference/models-1, https://docs.lambda.ai/public-cloud/lambda-inference-api, https://docs.ollama.com/api/openai-compatibility
  mistral: ofOpenAi,
  groq: ofOpenAi,
  deepseek: ofOpenAi,
  together: ofOpenAi,
  lambda: ofOpenAi,
  ollama: ofOpenAi,
  perplexity: undefined,
};

/** What a provider may be asked to learn whether it is there, undefined where there is nothing. */
export function freeRequestOf(upstream: Upstream): FreeRequest | undefined {
  const list = LISTS[upstream.kind];
  if (list === undefined) return undefined;
  const { baseUrl, secret, apiVersion = "" } = upstream;
  const { request: { headers } } = dialectOf(upstream).chat(NOTHING, { baseUrl, secret, apiVersion, model: "m" }, false);
  return { url: list(upstream), headers };
}

function ofOpenAi({ baseUrl }: Upstream): string {
  return `${baseUrl}/models`;
}

function ofAzure({ baseUrl, apiVersion = "" }: Upstream): string {
  if (AZURE_UNVERSIONED.test(baseUrl)) return `${baseUrl}/models${apiVersion && `?api-version=${apiVersion}`}`;
  return `${baseUrl}/openai/models?api-version=${apiVersion || AZURE_VERSION}`;
}
