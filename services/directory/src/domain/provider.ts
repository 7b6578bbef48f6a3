/** Providers and deployments: their rules. */
import { invalid } from "./refusal.ts";
import { text } from "./field.ts";

/** What a provider speaks. */
export type ProviderKind =
  | "openai" | "azure" | "anthropic" | "gemini" | "cohere"
  | "mistral" | "deepseek" | "groq" | "together" | "perplexity" | "lambda" | "ollama";

/** Where an object of the configuration comes from; an earlier one beats a later one. */
export type ConfigSource = "api" | "file" | "environment";

/** What is said of a provider, whoever says it. */
export interface ProviderTerms {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly priceBook: string;
  /** A label of the operator's, empty for none. */
  readonly region: string;
  /** The version of its API to ask for, empty for the gateway's default. */
  readonly apiVersion: string;
}

/** A provider; its secret is kept apart, encrypted. */
export interface Provider extends ProviderTerms {
  readonly hasSecret: boolean;
  readonly source: ConfigSource;
  readonly updateTime: Date;
}

/** What is said of a model that a provider serves under a name of ours. */
export interface DeploymentTerms {
  readonly id: string;
  readonly model: string;
  readonly providerId: string;
  readonly upstreamModel: string;
  /** How often it is chosen among deployments of the same model, in proportion to theirs; 0 where the others fail. */
  readonly weight: number;
}

/** A model that a provider serves under a name of ours. */
export interface Deployment extends DeploymentTerms {
  readonly source: ConfigSource;
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
const MAX_REGION = 64;

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

const MAX_WEIGHT = 1_000;
const DEFAULT_WEIGHT = 1;

/** A deployment's weight: a whole number from 0 to 1,000, 1 unless stated. */
export function weight(value: number = DEFAULT_WEIGHT): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_WEIGHT) return value;
  throw invalid("weight", "not a weight", `Use a whole number from 0 to ${MAX_WEIGHT}, or leave it out for ${DEFAULT_WEIGHT}.`);
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

/** A model's name as clients ask for it: printable ASCII, since answers name it in a header. Another could be asked for by nobody. */
export function askedModel(field: string, value: string): string {
  const model = modelName(field, value);
  if (/^[\x21-\x7e]+$/.test(model)) return model;
  throw invalid(field, "contains characters beyond printable ASCII", 'Use a name that clients can ask for, as "gpt-4o".');
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

/** A region: a label of at most 64 characters, empty for none. */
export function region(value: string): string {
  if (value === "") return value;
  return text("region", value, MAX_REGION, `Use at most ${MAX_REGION} characters, as "eu-west-1", or leave it out.`);
}

/** A version of a provider's API, empty for the default; Azure's alone has versions. */
export function apiVersion(value: string, kind: ProviderKind): string {
  if (value === "") return value;
  if (kind !== "azure") throw invalid("api_version", "only Azure's API has versions", "Leave it out.");
  if (/^[\w-]{1,32}$/.test(value)) return value;
  throw invalid("api_version", "not a version of an API", 'Use a version such as "2024-10-21", or leave it out for the default.');
}

/** An http or https address without credentials, query or fragment; returned without a slash at its end. */
export function baseUrl(value: string): string {
  const url = URL.parse(value);
  const hint = 'Use an address such as "https://api.openai.com/v1".';
  if (url === null || value.length > MAX_URL) throw invalid("base_url", "not an address", hint);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid("base_url", "neither http nor https", hint);
  if (url.username !== "" || url.password !== "") {
    throw invalid("base_url", "contains credentials", "Put the key into `secret`, where it is kept encrypted.");
  }
  if (url.searchParams.has("api-version")) {
    throw invalid("base_url", "names a version of the API", "Put the version into `api_version`.");
  }
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(value)) {
    throw invalid("base_url", "has a query or a fragment", hint);
  }
  return url.href.replace(/\/+$/, "");
}
