import type { Json } from "../loose-json.ts";

/**
 * A citation as an annotation of OpenAI's: of a page of the web or a search result by its URL, of a document by its title.
 * `start` and `end` bound the text that it supports, in characters of the answer; the citation itself stands beside them.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/citations
 */
export function toAnnotation(citation: Json, start: number, end: number): Json {
  const { url, source, title, document_title: documentTitle, file_id: fileId } = citation;
  const place = { start_index: start, end_index: end };
  const address = typeof url === "string" ? url : source;
  if (typeof address === "string") {
    return { type: "url_citation", url_citation: { ...place, url: address, title: title ?? "" }, citation };
  }
  const file = { ...place, filename: documentTitle ?? "", ...(typeof fileId === "string" ? { file_id: fileId } : {}) };
  return { type: "file_citation", file_citation: file, citation };
}

/** Characters as most languages count them: one beyond 16 bits is one, not two. */
export function charactersOf(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}
