import { newId } from "@alfred/ids";

/** The id of an answer whose provider has none of this form: in letters and digits, as OpenAI's, since the ids of its items are made of it. */
export function newResponseId(): string {
  return `resp_${newId("resp").slice("resp_".length).replaceAll("-", "")}`;
}
