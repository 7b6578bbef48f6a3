import type { Place } from "./given.ts";

/** Something in the file that cannot be used. Shows no value, since any may be a secret that stands in the wrong place. */
export interface ConfigFileProblem {
  readonly at: Place;
  /** Where it is by name: "providers.openai.base_url"; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, or what was expected. */
  readonly message: string;
}

/** Everything that is wrong with the configuration file, one line per problem, in the order of the file. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
  readonly problems: readonly ConfigFileProblem[];

  constructor(file: string, problems: readonly ConfigFileProblem[]) {
    const ordered = problems.toSorted((left, right) => left.at.line - right.at.line || left.at.column - right.at.column);
    super([`the configuration file ${file} cannot be used`, ...ordered.map(lineOf)].join("\n  "));
    this.problems = ordered;
  }

  /** The problems as text: "3:5 providers.openai.base_url: not an address …". */
  get lines(): string[] {
    return this.problems.map(lineOf);
  }
}

function lineOf({ at: { line, column }, path, message }: ConfigFileProblem): string {
  return `${line}:${column} ${path === "" ? "" : `${path}: `}${message}`;
}
