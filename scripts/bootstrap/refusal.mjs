/** A reason not to go on that the person at the terminal can mend; its message is one sentence, shown alone. */
export class Refusal extends Error {}
