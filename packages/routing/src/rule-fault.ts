/** What is wrong with a rule. */
export class RuleFault extends Error {
  /** Where: "conditions[0].values[1]". */
  readonly field: string;
  /** What is due there. */
  readonly hint: string;

  constructor(field: string, message: string, hint: string) {
    super(message);
    this.name = "RuleFault";
    this.field = field;
    this.hint = hint;
  }
}
