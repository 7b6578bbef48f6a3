/** The providers that the environment gives, read from its variables. */
import type { EnvReader } from "@alfred/config";

import { apiVersion, baseUrl, providerSecret } from "../domain/provider.ts";
import type { Upstream } from "../given/given.ts";
import { KNOWN_PROVIDERS, OLLAMA_HOST } from "../domain/known-providers.ts";
import type { KnownProvider } from "../domain/known-providers.ts";

const OLLAMA_PORT = 11_434;

/** Every provider whose key, or whose address where it needs none, is set; the simulator where it runs and none is. */
export function readUpstreams(env: EnvReader): Upstream[] {
  const given = KNOWN_PROVIDERS.flatMap((known) => readUpstream(env, known));
  const simulatorUrl = readAddress(env, "ALFRED_SIMULATOR_URL");
  if (given.length > 0 || simulatorUrl === undefined) return given;
  const simulator = { id: "simulator", kind: "openai", baseUrl: simulatorUrl, secret: "", priceBook: "openai" } as const;
  return [{ ...simulator, region: "", apiVersion: "", variables: ["ALFRED_SIMULATOR_URL"], isStandIn: true }];
}

function readUpstream(env: EnvReader, known: KnownProvider): Upstream[] {
  const { id, kind, priceBook, key, addresses, versions = [], needsNoKey } = known;
  const read = addresses.map((name) => readAddress(env, name));
  const version = versions.map((name) => readVersion(env, name)).find((each) => each !== undefined) ?? "";
  const secret = env.custom<string, undefined>(key, {
    expected: "a key of printable ASCII",
    parse: (text) => accepted(providerSecret, text),
    secret: true,
    fallback: undefined,
  });
  const address = read.find((each) => each !== undefined);
  if (secret === undefined && (needsNoKey !== true || address === undefined)) return [];
  const url = address ?? known.baseUrl ?? requireAddress(env, addresses.at(-1) ?? "");
  const terms = { id, kind, baseUrl: url, secret: secret ?? "", priceBook, region: "", apiVersion: version };
  return [{ ...terms, variables: [key, ...addresses, ...versions] }];
}

/** Notes the variable as missing: its provider's key was given, and where it is cannot be known. */
function requireAddress(env: EnvReader, name: string): string {
  return env.string(name);
}

function readAddress(env: EnvReader, name: string): string | undefined {
  return env.custom<string, undefined>(name, {
    expected: "an http or https address without credentials or a query",
    parse: (text) => accepted((value) => baseUrl(name === OLLAMA_HOST ? ollamaUrl(value) : value), text),
    secret: true,
    fallback: undefined,
  });
}

function readVersion(env: EnvReader, name: string): string | undefined {
  return env.custom<string, undefined>(name, {
    expected: "a version of Azure's API, such as 2024-10-21",
    parse: (text) => accepted((value) => apiVersion(value, "azure"), text),
    fallback: undefined,
  });
}

/**
 * The address behind Ollama's own variable, which leaves out what it can, and names all interfaces where it listens.
 * Source: https://docs.ollama.com/faq
 */
function ollamaUrl(host: string): string {
  const hasScheme = /^https?:\/\//.test(host);
  const url = new URL(hasScheme ? host : `http://${host}`);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (!hasScheme && url.port === "" && !host.endsWith(":80")) url.port = String(OLLAMA_PORT);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/v1") ? path : `${path}/v1`;
  return url.href;
}

/** The value, undefined where its rule refuses it. */
export function accepted<Value>(parse: (text: string) => Value, text: string): Value | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
