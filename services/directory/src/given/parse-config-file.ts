/** The configuration file as objects of the domain; its secrets are only named yet. */
import { aliasTerms } from "../domain/alias.ts";
import type { AliasTerms } from "../domain/alias.ts";
import { apiVersion, askedModel, baseUrl, deploymentId, modelName, priceBook, providerId, providerSecret, region, weight } from "../domain/provider.ts";
import type { ProviderTerms } from "../domain/provider.ts";
import { invalid } from "../domain/refusal.ts";
import { KNOWN_PROVIDERS } from "../domain/known-providers.ts";
import type { KnownProvider } from "../domain/known-providers.ts";
import type { ConfigFileProblem } from "./config-file-error.ts";
import { routeRuleId } from "../domain/route-rule.ts";
import type { GivenDeployment, GivenRule } from "./given.ts";
import { parseRouteRule } from "./parse-route-rule.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { YamlField } from "./yaml-field.ts";

/** A secret as the file has it, itself or by where it is found. */
export type SecretSource =
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "env" | "file"; readonly name: string; readonly field: YamlField };

/** A provider and where its secret is. */
interface ParsedProvider {
  readonly terms: ProviderTerms;
  readonly secret: SecretSource;
}

/** The file as it was written. What it holds counts only where there are no problems, to which more may be added. */
export interface ParsedFile {
  readonly providers: readonly ParsedProvider[];
  readonly deployments: readonly GivenDeployment[];
  readonly aliases: readonly AliasTerms[];
  readonly rules: readonly GivenRule[];
  readonly problems: ConfigFileProblem[];
}

const NO_SECRET: SecretSource = { kind: "literal", value: "" };

/** Reads the text of a configuration file; all that is wrong is noted, with line and column. */
export function parseConfigFile(text: string): ParsedFile {
  const { source, root } = parseYaml(text);
  const { problems } = source;
  const nothing = { providers: [], deployments: [], aliases: [], rules: [], problems };
  if (root === undefined) return nothing;
  if (root.isEmpty) {
    root.note("the file is empty; a file that gives nothing holds {}");
    return nothing;
  }
  const sections = root.record(["providers", "deployments", "aliases", "route_rules"]);
  const entries = (name: string, what: string, rule: (id: string) => string): [string, YamlField][] =>
    sections.get(name)?.entries(what, rule) ?? [];
  return {
    providers: entries("providers", "providers by their ids", providerId).map(([id, field]) => parseProvider(id, field)),
    deployments: entries("deployments", "deployments by their ids", deploymentId).map(([id, field]) => parseDeployment(id, field)),
    aliases: entries("aliases", "models by their aliases", aliasName).map(([alias, field]) => parseAlias(alias, field)),
    rules: entries("route_rules", "rules for routes by their ids", routeRuleId).flatMap(([id, field]) => parseRouteRule(id, field, problems) ?? []),
    problems,
  };
}

function parseProvider(id: string, field: YamlField): ParsedProvider {
  const fields = field.record(["kind", "base_url", "secret", "price_book", "region", "api_version"]);
  const known = parseKind(id, field, fields.get("kind"));
  const kind = known?.kind ?? "openai";
  if (known !== undefined && known.baseUrl === undefined && !fields.has("base_url")) {
    field.note("expected base_url, the endpoint of the resource");
  }
  const terms = {
    id,
    kind,
    baseUrl: fields.get("base_url")?.text(baseUrl) ?? known?.baseUrl ?? "",
    priceBook: fields.get("price_book")?.text(priceBook) ?? known?.priceBook ?? "",
    region: fields.get("region")?.text(region) ?? "",
    apiVersion: fields.get("api_version")?.text((value) => apiVersion(value, kind)) ?? "",
  };
  return { terms, secret: parseSecret(fields.get("secret")) };
}

/** Its kind by the name of a provider that is known, which is its own id unless another is stated. */
function parseKind(id: string, provider: YamlField, field: YamlField | undefined): KnownProvider | undefined {
  const names = KNOWN_PROVIDERS.map((known) => known.id).join(", ");
  if (field === undefined) {
    if (find(id) === undefined && (provider.isMapping || provider.isEmpty)) provider.note(`expected kind, one of ${names}`);
    return find(id);
  }
  return find(
    field.text((name) => {
      if (find(name) !== undefined) return name;
      throw invalid("kind", "not a kind of provider", `Use one of ${names}.`);
    }),
  );
}

function find(name: string): KnownProvider | undefined {
  return KNOWN_PROVIDERS.find((known) => known.id === name);
}

function parseSecret(field: YamlField | undefined): SecretSource {
  if (field === undefined) return NO_SECRET;
  if (!field.isMapping) return { kind: "literal", value: field.text(providerSecret) };
  const fields = [...field.record(["env", "file"])];
  const [first] = fields;
  if (first === undefined || fields.length > 1) {
    field.note("expected the secret, { env: NAME } or { file: path }");
    return NO_SECRET;
  }
  const [kind, named] = first;
  return { kind: kind === "env" ? "env" : "file", name: named.text(String), field: named };
}

function parseDeployment(id: string, field: YamlField): GivenDeployment {
  const fields = field.record(["model", "provider", "upstream_model", "weight"]);
  const missing = ["model", "provider"].filter((name) => !fields.has(name));
  if (missing.length > 0 && (field.isMapping || field.isEmpty)) field.note(`expected ${missing.join(" and ")}`);
  const model = fields.get("model")?.text((value) => askedModel("model", value)) ?? "";
  return {
    id,
    model,
    providerId: fields.get("provider")?.text(providerId) ?? "",
    upstreamModel: fields.get("upstream_model")?.text((value) => modelName("upstream_model", value)) ?? model,
    weight: fields.get("weight")?.number(weight) ?? weight(),
    providerAt: (fields.get("provider") ?? field).place,
  };
}

function aliasName(name: string): string {
  return askedModel("alias", name);
}

function parseAlias(alias: string, field: YamlField): AliasTerms {
  return { alias, model: field.text((model) => aliasTerms(alias, model).model) };
}
