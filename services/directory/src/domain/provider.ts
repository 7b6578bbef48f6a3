/** Providers and deployments: their rules. */
import { invalid } from "./refusal.ts";
import { text } from "./field.ts";
import type { Origin } from "./key.ts";

/** What a provider speaks. */
export type ProviderKind = "openai" | "azure" | "anthropic" | "gemini" | "cohere";

/** A provider; its secret is kept apart, encrypted. */
export interface Provider {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly hasSecret: boolean;
  readonly priceBook: string;
  readonly origin: Origin;
  readonly updateTime: Date;
}

/** A model that a provider serves under a name of ours. */
export interface Deployment {
  readonly id: string;
  readonly model: string;
  readonly providerId: string;
  readonly upstreamModel: string;
  readonly updateTime: Date;
}

/** A provider and its secret as it is stored. */
export interface SealedProvider {
  readonly provider: Provider;
  readonly sealedSecret: Uint8Array | undefined;
}

const MAX_URL = 2048;
const MAX_SECRET = 4096;
const MAX_MODEL = 256;

/** A provider's id: 1 to 64 characters of a-z, 0-9 and "-". */
export function providerId(value: string): string {
  if (/^[a-z0-9-]{1,64}$/.test(value)) return value;
  throw invalid("provider_id", "not an id of a provider", 'Use 1 to 64 characters of a-z, 0-9 and "-", as "openai".');
}

/** A deployment's id: 1 to 64 characters of a-z, 0-9, ".", "_" and "-". */
export function deploymentId(value: string): string {
  if (/^[a-z0-9._-]{1,64}$/.test(value)) return value;
  throw invalid(
    "deployment_id",
    "not an id of a deployment",
    'Use 1 to 64 characters of a-z, 0-9, ".", "_" and "-", as "gpt-4o-eu".',
  );
}

/** A provider of the price book, or empty for none. */
export function priceBook(value: string): string {
  if (value === "" || /^[a-z0-9._-]{1,64}$/.test(value)) return value;
  throw invalid(
    "price_book",
    "not an id of a provider in the price book",
    'Use an id such as "openai", or leave it out for a provider that serves its deployments only.',
  );
}

/** A model's name: 1 to 256 characters without spaces. */
export function modelName(field: string, value: string): string {
  const model = text(field, value, MAX_MODEL, 'Use the model\'s name, as "gpt-4o".');
  if (/[\s*]/.test(model)) throw invalid(field, "contains spaces or *", 'Use the model\'s name, as "gpt-4o".');
  return model;
}

/** A provider's secret: printable ASCII, since it travels in a header; empty for none. */
export function providerSecret(value: string): string {
  if (value.length <= MAX_SECRET && /^[\x21-\x7e]*$/.test(value)) return value;
  throw invalid(
    "secret",
    "not a key that fits into a header",
    `Use at most ${MAX_SECRET} printable ASCII characters without spaces.`,
  );
}

/** A version of Azure's API, the only thing that an address may say behind a question mark. */
const AZURE_VERSION = /^\?api-version=[\w-]{1,32}$/;

/**
 * An http or https address without credentials, query or fragment; returned without a slash at its end. One of Azure may
 * name the version of its API in a query.
 */
export function baseUrl(value: string, kind: ProviderKind = "openai"): string {
  const url = URL.parse(value);
  const hint = 'Use an address such as "https://api.openai.com/v1".';
  if (url === null || value.length > MAX_URL) throw invalid("base_url", "not an address", hint);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid("base_url", "neither http nor https", hint);
  if (url.username !== "" || url.password !== "") {
    throw invalid("base_url", "contains credentials", "Send the key in `secret`, where it is kept encrypted.");
  }
  if (kind === "azure" && url.hash === "" && AZURE_VERSION.test(url.search)) return url.href;
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(value)) {
    throw invalid("base_url", "has a query or a fragment", hint);
  }
  return url.href.replace(/\/+$/, "");
}
