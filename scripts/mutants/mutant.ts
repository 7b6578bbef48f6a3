/** A mistake that the tests must find. */
export interface Mutant {
  /** The patch is `<name>.patch` in this folder. */
  readonly name: string;
  /** What goes wrong with it. */
  readonly mistake: string;
  /** The test that finds it: its file from the repository's root, and its suites and its name with " > " between. */
  readonly file: string;
  readonly test: string;
}
