/** One variable that cannot be used. */
export interface ConfigProblem {
  readonly variable: string;
  /** What was found, quoted; never a secret's value. */
  readonly found: string;
  readonly expected: string;
}

/** Everything that is wrong with the environment, one line per variable. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, found, expected }) => `${variable} is ${found}; expected ${expected}`).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
