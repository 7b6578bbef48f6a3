/**
 * A start that cannot go on for a reason the person at the terminal can mend. Its message is one sentence that
 * says what is wrong and what to do; whoever catches it prints that sentence alone, without a stack, and exits 1.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
