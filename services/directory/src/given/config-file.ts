/** The configuration file that ALFRED_CONFIG_FILE names, read together with the secrets that it points to. */
import { hash } from "node:crypto";
import { dirname, resolve } from "node:path";

import { providerSecret } from "../domain/provider.ts";
import type { ProviderTerms } from "../domain/provider.ts";
import { ConfigFileError } from "./config-file-error.ts";
import type { ConfigFileProblem } from "./config-file-error.ts";
import type { FileContent, GivenProvider } from "./given.ts";
import { parseConfigFile } from "./parse-config-file.ts";
import type { ParsedFile, SecretSource } from "./parse-config-file.ts";
import { readText, UnreadableError } from "./read-text.ts";

/** Where the file is, and how the variables that it names are looked up. */
export interface ConfigFilePlace {
  readonly path: string;
  /** The variable of this name, undefined where it is not set. */
  readonly variable: (name: string) => string | undefined;
}

/** The file at one moment: what it gives, or what is wrong with it. */
export type ConfigFileReading = { readonly fingerprint: string } & (
  | { readonly content: FileContent }
  | { readonly error: ConfigFileError }
);

const MOST_BYTES = 1_048_576;
const MOST_SECRET_BYTES = 8_192;
const NO_VARIABLE = "expected a variable that is set to a key of printable ASCII without spaces";
const NO_FILE = "expected a file that holds a key of printable ASCII without spaces";

/** Reads the file as often as asked; a text that did not change is not parsed again. */
export class ConfigFile {
  readonly path: string;
  readonly #variable: ConfigFilePlace["variable"];
  #text: string | undefined;
  #parsed: ParsedFile | undefined;

  constructor({ path, variable }: ConfigFilePlace) {
    this.path = path;
    this.#variable = variable;
  }

  /** The file and its secrets as they are now. */
  async read(): Promise<ConfigFileReading> {
    try {
      return await this.#resolve(this.#parse(await readText(this.path, MOST_BYTES)));
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      return this.#faulty([{ at: { line: 1, column: 1 }, path: "", message: error.message }], error.message);
    }
  }

  #parse(text: string): ParsedFile {
    if (this.#parsed === undefined || text !== this.#text) this.#parsed = parseConfigFile(text);
    this.#text = text;
    return this.#parsed;
  }

  async #resolve({ providers, deployments, aliases, rules, problems }: ParsedFile): Promise<ConfigFileReading> {
    const secrets = await Promise.all(providers.map(({ secret }) => this.#secret(secret)));
    const seen = `${this.#text}\n${JSON.stringify(secrets)}`;
    const found = [...problems, ...secrets.filter((each) => typeof each !== "string")];
    if (found.length > 0) return this.#faulty(found, seen);
    const given = providers.map(({ terms }, index) => withSecret(terms, secrets[index]));
    return { fingerprint: hash("sha256", seen), content: { providers: given, deployments, aliases, rules } };
  }

  async #secret(source: SecretSource): Promise<string | ConfigFileProblem> {
    if (source.kind === "literal") return source.value;
    const { kind, name, field } = source;
    // Noted already as not being a text.
    if (name === "") return "";
    try {
      const text = kind === "env" ? this.#variable(name) : await readText(resolve(dirname(this.path), name), MOST_SECRET_BYTES);
      const secret = text?.trim() ?? "";
      if (secret !== "" && isSecret(secret)) return secret;
      return field.problem(kind === "env" ? NO_VARIABLE : NO_FILE);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      return field.problem(error.message);
    }
  }

  #faulty(problems: readonly ConfigFileProblem[], seen: string): ConfigFileReading {
    return { fingerprint: hash("sha256", seen), error: new ConfigFileError(this.path, problems) };
  }
}

function withSecret(terms: ProviderTerms, secret: unknown): GivenProvider {
  return { ...terms, secret: typeof secret === "string" ? secret : "" };
}

function isSecret(value: string): boolean {
  try {
    return providerSecret(value) === value;
  } catch {
    return false;
  }
}
