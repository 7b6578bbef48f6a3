import { describe, expect, it } from "vitest";

import { ConfigFileError } from "./config-file-error.ts";
import { parseConfigFile } from "./parse-config-file.ts";

/** What is wrong, a line per problem. */
const linesOf = (text: string): readonly string[] => new ConfigFileError("f", parseConfigFile(text).problems).lines;

describe("a configuration file", () => {
  it("gives providers, deployments and aliases, with the addresses and price books that are known", () => {
    const file = parseConfigFile(`
providers:
  openai: { secret: sk-one }
  azure-eu:
    kind: azure
    base_url: https://eu.openai.azure.com/
    api_version: 2024-10-21
    region: westeurope
    secret: { env: AZURE_KEY }
  ollama:
deployments:
  gpt-4o.eu: { model: gpt-4o, provider: azure-eu, upstream_model: my-gpt-4o }
  local: { model: llama3, provider: ollama, weight: 0 }
aliases:
  fast: gpt-4o-mini
  house/best: azure-eu/my-gpt-4o
`);
    expect(file.problems).toEqual([]);
    expect(file.providers).toMatchObject([
      { terms: { id: "openai", kind: "openai", baseUrl: "https://api.openai.com/v1", priceBook: "openai", region: "", apiVersion: "" }, secret: { kind: "literal", value: "sk-one" } },
      { terms: { id: "azure-eu", kind: "azure", baseUrl: "https://eu.openai.azure.com", priceBook: "azure", region: "westeurope", apiVersion: "2024-10-21" }, secret: { kind: "env", name: "AZURE_KEY" } },
      { terms: { id: "ollama", kind: "ollama", baseUrl: "http://127.0.0.1:11434/v1" }, secret: { kind: "literal", value: "" } },
    ]);
    expect(file.deployments).toMatchObject([
      { id: "gpt-4o.eu", model: "gpt-4o", providerId: "azure-eu", upstreamModel: "my-gpt-4o", weight: 1 },
      { id: "local", model: "llama3", providerId: "ollama", upstreamModel: "llama3", weight: 0 },
    ]);
    expect(file.aliases).toEqual([{ alias: "fast", model: "gpt-4o-mini" }, { alias: "house/best", model: "azure-eu/my-gpt-4o" }]);
  });

  it("says by its kind who a provider is, whatever its id and price book", () => {
    const file = parseConfigFile('providers: { "eu": { kind: mistral, price_book: house }, "proxy": { kind: openai, base_url: "http://p/v1", price_book: mistral } }');
    expect(file.providers.map(({ terms: { kind, baseUrl, priceBook } }) => [kind, baseUrl, priceBook])).toEqual([
      ["mistral", "https://api.mistral.ai/v1", "house"], ["openai", "http://p/v1", "mistral"],
    ]);
  });

  it("may be JSON, and may give nothing", () => {
    expect(parseConfigFile('{"providers": {"groq": {"secret": {"file": "groq.key"}}}, "aliases": {}}')).toMatchObject({
      problems: [],
      providers: [{ terms: { id: "groq", priceBook: "groq" }, secret: { kind: "file", name: "groq.key" } }],
    });
    expect(parseConfigFile("{}").problems).toEqual([]);
    expect(parseConfigFile("providers:\naliases:\n").problems).toEqual([]);
  });

  it("serves its deployments only where the price book is left empty", () => {
    const { providers, problems } = parseConfigFile('providers: { vllm: { kind: openai, base_url: "http://gpu/v1", price_book: "" } }');
    expect([providers[0]?.terms.priceBook, problems]).toEqual(["", []]);
  });

  it("tells all that is wrong at once, with line, column and what was expected", () => {
    const text = `providers:
  openai:
    base_url: ftp://example.com
    secret: two words
    colour: red
  Big: { kind: openai }
  mine: { secret: 12345 }
  azure: { secret: { env: A, file: b } }
  mistral: { kind: llama, api_version: 1.5 }
deployments:
  d1: { provider: openai, weight: 1001 }
  d2: text
  d3: { model: m, provider: openai, weight: much }
aliases:
  fast: fast
  two words: x
routes: {}
`;
    expect(linesOf(text)).toEqual([
      '3:15 providers.openai.base_url: neither http nor https. Use an address such as "https://api.openai.com/v1".',
      "4:13 providers.openai.secret: not a key that fits into a header. Use at most 4096 printable ASCII characters without spaces.",
      "5:5 providers.openai: not known here; expected one of kind, base_url, secret, price_book, region, api_version",
      '6:3 providers: not an id of a provider. Use 1 to 64 characters of a-z, 0-9 and "-", as "openai".',
      expect.stringMatching(/^7:9 providers\.mine: expected kind, one of openai, anthropic/),
      "7:19 providers.mine.secret: expected a text; put it into quotes",
      "8:10 providers.azure: expected base_url, the endpoint of the resource",
      "8:20 providers.azure.secret: expected the secret, { env: NAME } or { file: path }",
      expect.stringMatching(/^9:20 providers\.mistral\.kind: not a kind of provider/),
      "9:40 providers.mistral.api_version: expected a text; put it into quotes",
      "11:7 deployments.d1: expected model",
      "11:35 deployments.d1.weight: not a weight. Use a whole number from 0 to 1000, or leave it out for 1.",
      "12:7 deployments.d2: expected a mapping with model, provider, upstream_model, weight",
      "13:45 deployments.d3.weight: expected a number",
      "15:9 aliases.fast: an alias cannot stand for itself. Name the model to serve instead, or leave the alias out.",
      expect.stringMatching(/^16:3 aliases: contains spaces/),
      "17:1 not known here; expected one of providers, deployments, aliases, route_rules",
    ]);
  });

  it.each([
    ["something twice", "providers:\n  groq: {}\n  groq: {}\n", "3:3 providers: stands here a second time"],
    ["an empty name", 'aliases: { "": x }', "1:12 aliases: must not be empty"],
    ["aliases of YAML", "providers:\n  groq: &a {}\n  mistral: *a\n", "3:12 providers.mistral: expected the value itself; aliases are not taken"],
    ["tags", "aliases:\n  a: !env NAME\n", "2:6 tags are not taken"],
    ["merges", "providers:\n  groq: &a { region: x }\n  mistral: { <<: *a }\n", "3:14 providers.mistral: not known here"],
    ["several documents", "{}\n---\n{}\n", "2:1 expected one document"],
    ["tabs", "providers:\n\tgroq: {}\n", "2:1 indent with spaces"],
    ["half a file", 'providers:\n  groq: { secret: "gsk_', "2:24 something is missing here"],
    ["an empty file", "", "1:1 the file is empty"],
    ["a file of comments", "# later\n", "1:1 the file is empty"],
    ["another form", "- openai\n", "1:1 expected a mapping with providers, deployments, aliases"],
    ["names that are no texts", "aliases: { 4: gpt-4 }", "1:12 aliases: expected a text; put it into quotes"],
  ])("does not take %s", (_, text, problem) => {
    expect(linesOf(text)[0]).toContain(problem);
  });

  it("is not kept busy by what is nested deeply or refers to itself many times", () => {
    expect(linesOf("[".repeat(10_000)).at(-1)).toMatch(/^and \d+ more$/);
    const bomb = ["a: &a0 [x]", ...Array.from({ length: 30 }, (_, index) => `b${index}: &a${index + 1} [*a${index}, *a${index}]`)];
    expect(linesOf(bomb.join("\n"))).toHaveLength(31);
  });

  it("shows no secret in what it says, wherever one stands", () => {
    const secret = "sk-very-secret-0123456789";
    const texts = [
      `providers: { openai: { secret: "${secret} ${secret}" } }`,
      `providers: { openai: ${secret} }`,
      `providers: { openai: { ${secret}: x } }`,
      `providers: { openai: { secret: { ${secret}: x } } }`,
      `providers: { openai: { secret: { env: [${secret}] } } }`,
      `providers: { openai: { kind: ${secret} } }`,
      `providers:\n  openai: { base_url: "https://me:${secret}@x/v1" }\n`,
      `providers:\n  openai:\n    secret: "a" ${secret}\n`,
      `providers:\n  openai:\n  secret: ${secret}\n "${secret}`,
      `${secret}\n`,
      `aliases: { "${secret} ${secret}": x }`,
    ];
    for (const text of texts) {
      expect(linesOf(text).length).toBeGreaterThan(0);
      expect(linesOf(text).join("\n")).not.toContain(secret);
    }
  });
});
