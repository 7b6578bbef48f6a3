/** What the ids begin with that are made here, so that they are told from Gemini's own. */
const PREFIX = "call_alfred_";

/** An id for a call that Gemini gave none: the same for the same answer. */
export function madeCallId(responseId: string, candidate: number, call: number): string {
  return `${PREFIX}${responseId}_${candidate}_${call}`;
}

/** The id as Gemini knows it: undefined for one that was made here, since calls without ids are matched by their order. */
export function ownCallId(id: string | undefined): string | undefined {
  return id === undefined || id.startsWith(PREFIX) ? undefined : id;
}
