import type { Place } from "./given.ts";

/** Something in the file that cannot be used. Shows no value, since any may be a secret that stands in the wrong place. */
export interface ConfigFileProblem {
  readonly at: Place;
  /** Where it is by name: "providers.openai.base_url"; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, or what was expected. */
  readonly message: string;
}

/** Problems that are told one by one. */
const MOST_TOLD = 100;

/** Everything that is wrong with the configuration file, one line per problem, in the order of the file. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
  readonly problems: readonly ConfigFileProblem[];
  /** The problems as text, the first hundred: "3:5 providers.openai.base_url: not an address …". */
  readonly lines: readonly string[];

  constructor(file: string, problems: readonly ConfigFileProblem[]) {
    const ordered = problems.toSorted((left, right) => left.at.line - right.at.line || left.at.column - right.at.column);
    const lines = linesOf(ordered);
    super([`the configuration file ${file} cannot be used`, ...lines].join("\n  "));
    this.problems = ordered;
    this.lines = lines;
  }
}

function linesOf(problems: readonly ConfigFileProblem[]): string[] {
  const lines = problems.slice(0, MOST_TOLD).map(lineOf);
  return problems.length > MOST_TOLD ? [...lines, `and ${problems.length - MOST_TOLD} more`] : lines;
}

function lineOf({ at: { line, column }, path, message }: ConfigFileProblem): string {
  return `${line}:${column} ${path === "" ? "" : `${path}: `}${message}`;
}
