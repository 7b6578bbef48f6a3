import { type Json, objectOf } from "../providers/loose-json.ts";

/** What each kind of citation is made of in an answer. Source: https://platform.openai.com/docs/api-reference/responses/object */
const FIELDS: Readonly<Record<string, readonly string[]>> = { url_citation: ["start_index", "end_index", "url", "title"] };

/** A chat's annotation, whose fields stand under its type, as an answer has it; undefined where they are not all told. */
export function toAnnotation(annotation: Json): Json | undefined {
  const type = String(annotation["type"]);
  const cited = objectOf(annotation[type]);
  const names = FIELDS[type];
  if (names === undefined || names.some((name) => (cited[name] ?? null) === null)) return undefined;
  return { type, ...Object.fromEntries(names.map((name) => [name, cited[name]])) };
}
