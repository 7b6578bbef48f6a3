const mostCauses = 3;

/**
 * An error as one line for an operator: its message and, where they add something, those of its causes. A message that
 * ends with a full stop was written for the operator and says all there is to say.
 */
export function sentence(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth <= mostCauses && current !== undefined; depth += 1) {
    const message = messageOf(current);
    if (message !== "" && !messages.some((known) => known.includes(message))) messages.push(message);
    current = current instanceof Error && !message.endsWith(".") ? current.cause : undefined;
  }
  return messages.join(": ");
}

function messageOf(error: unknown): string {
  // Node gathers the failures to connect to each address of a host without a message of their own.
  if (error instanceof AggregateError && error.message === "") return [...new Set(error.errors.map(messageOf))].join(", ");
  return error instanceof Error ? error.message : String(error);
}
