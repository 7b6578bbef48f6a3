import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Turn } from "./turns.ts";

/** One citation, as it stands in a block of text. */
export type Citation = JsonObject;

/** Characters of a document that are cited. */
const CITED_CHARACTERS = 40;

/**
 * What the answer cites: the beginning of the last document that is to be cited, by characters of a text, by a page of a PDF.
 * Source: https://platform.claude.com/docs/en/build-with-claude/citations
 */
export function findCitation(turns: readonly Turn[]): Citation | undefined {
  const documents = turns.flatMap(({ blocks }) => blocks.map(({ block }) => block)).filter(({ type }) => type === "document");
  const index = documents.findLastIndex(({ citations }) => isObject(citations) && citations["enabled"] === true);
  const document = documents[index];
  return document === undefined ? undefined : citationOf(document, index);
}

function citationOf({ source, title }: JsonObject, index: number): Citation {
  const { type, data } = isObject(source) ? source : {};
  const head = { document_index: index, document_title: title ?? null, file_id: null };
  if (type !== "text") return { type: "page_location", cited_text: "sim", ...head, start_page_number: 1, end_page_number: 2 };
  const cited = String(data).slice(0, CITED_CHARACTERS);
  return { type: "char_location", cited_text: cited, ...head, start_char_index: 0, end_char_index: cited.length };
}
