import { fail } from "@alfred/errors";
import type { PreparedRequest } from "../../domain/provider-port.ts";
import type { ProviderKind, Upstream } from "../../domain/route.ts";
import { AZURE_UNVERSIONED, AZURE_VERSION } from "./dialect.ts";

/** How a provider keeps files and runs batches: what is documented of it. */
export interface Keeping {
  /** What a file may be for. */
  readonly purposes: readonly string[];
  /** What can be asked for in a batch. */
  readonly endpoints: readonly string[];
  /** What a batch costs of the same requests by themselves. */
  readonly batchShare: Share;
  /** Whether cached prompts are documented to cost less in a batch, too. */
  readonly hasCachedBatches: boolean;
}

/** A part of a price. */
export interface Share {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const HALF: Share = { numerator: 1n, denominator: 2n };

/** Those that keep files as OpenAI does, in the order in which they are asked where nobody is named. Storage is free at each of them: none has a price for it. */
const KEEPINGS: Readonly<Partial<Record<ProviderKind, Keeping>>> = {
  // Sources: https://platform.openai.com/docs/api-reference/files, https://platform.openai.com/docs/pricing, https://platform.openai.com/docs/guides/batch
  openai: {
    purposes: ["batch", "user_data", "vision", "assistants", "evals", "fine-tune"],
    endpoints: ["/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions", "/v1/moderations"],
    batchShare: HALF,
    hasCachedBatches: true,
  },
  // Sources: https://console.groq.com/docs/api-reference, https://console.groq.com/docs/batch
  groq: { purposes: ["batch"], endpoints: ["/v1/chat/completions"], batchShare: HALF, hasCachedBatches: false },
  // Sources: https://learn.microsoft.com/azure/ai-services/openai/reference, https://learn.microsoft.com/azure/ai-services/openai/how-to/batch
  azure: { purposes: ["batch", "assistants", "fine-tune"], endpoints: ["/v1/chat/completions", "/v1/embeddings"], batchShare: HALF, hasCachedBatches: false },
};

/** How a provider keeps files; undefined where it keeps none, or nothing is known of it but that it is like OpenAI. */
export function keepingOf({ kind, priceBook }: Upstream): Keeping | undefined {
  return kind === "openai" && priceBook !== "openai" ? undefined : KEEPINGS[kind];
}

/** Which of those that keep files is asked first: the lower. */
export function keepingOrder({ kind }: Upstream): number {
  return Object.keys(KEEPINGS).indexOf(kind);
}

/** How a provider is asked for what it keeps. @param path below the API's base, its query included */
export function keptRequest(upstream: Upstream, path: string, rest: Partial<Omit<PreparedRequest, "url" | "headers">> = {}): PreparedRequest {
  const { secret } = upstream;
  const credentials: Record<string, string> = upstream.kind === "azure" ? { "api-key": secret } : { authorization: `Bearer ${secret}` };
  return { url: urlOf(upstream, path), headers: secret === "" ? {} : credentials, body: "", ...rest };
}

function urlOf({ kind, baseUrl, apiVersion = "" }: Upstream, path: string): string {
  if (kind !== "azure") return baseUrl + path;
  const isUnversioned = AZURE_UNVERSIONED.test(baseUrl);
  const url = new URL((isUnversioned ? baseUrl : `${baseUrl}/openai`) + path);
  const version = apiVersion || (isUnversioned ? "" : AZURE_VERSION);
  if (version !== "") url.searchParams.set("api-version", version);
  return url.href;
}

/** The id of something kept, as a step of a path. @throws AlfredError PROVIDER_MALFORMED where the provider named it so that it would lead elsewhere */
export function keptStep(upstreamId: string): string {
  if (upstreamId !== "" && upstreamId !== "." && upstreamId !== "..") return encodeURIComponent(upstreamId);
  throw fail("PROVIDER_MALFORMED", "The provider gave what it keeps no id that can be used.");
}
