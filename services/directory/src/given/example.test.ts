import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { KNOWN_PROVIDERS } from "../domain/known-providers.ts";
import { ConfigFileError } from "./config-file-error.ts";
import { parseConfigFile } from "./parse-config-file.ts";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

/** The blocks of YAML in a document. */
const blocksOf = (path: string): string[] => [...read(path).matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block = ""]) => block);

describe("what is shown of the configuration file", () => {
  it("is a file that can be used, as the example of infra/config", () => {
    const { problems, providers, deployments, aliases, rules } = parseConfigFile(read("infra/config/config.example.yaml"));
    expect(problems).toEqual([]);
    expect([providers.length, deployments.length, aliases.length, rules.length]).toEqual([6, 4, 3, 2]);
    const ids = new Set(providers.map(({ terms }) => terms.id));
    expect(deployments.filter(({ providerId }) => !ids.has(providerId))).toEqual([]);
  });

  it("is one with each known provider, as the simulated ones of infra/config", () => {
    const { problems, providers } = parseConfigFile(read("infra/config/simulated.example.yaml"));
    expect(problems).toEqual([]);
    expect(providers.map(({ terms }) => terms.id).toSorted()).toEqual(KNOWN_PROVIDERS.map(({ id }) => id).toSorted());
  });

  it("is so in docs/providers-configuration.md, too", () => {
    const blocks = blocksOf("docs/providers-configuration.md");
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(new ConfigFileError("docs/providers-configuration.md", parseConfigFile(block).problems).lines).toEqual([]);
  });
});
