import { listOf, objectOf, textOf, type Json } from "../loose-json.ts";

/**
 * Citations for `extra`: whole as `citations`, and as OpenAI's annotations where the source has an address, since
 * OpenAI's have to have one.
 *
 * Source: https://docs.cohere.com/docs/rag-citations
 */
export function citationExtra(citations: readonly unknown[]): Record<string, string> {
  if (citations.length === 0) return {};
  const annotations = citations.flatMap((citation) => toAnnotations(objectOf(citation)));
  const extra = { citations: JSON.stringify(citations) };
  return annotations.length === 0 ? extra : { ...extra, annotations: JSON.stringify(annotations) };
}

/** Those of a plan or of thoughts are not about the text. */
function toAnnotations({ start, end, type, sources }: Json): Json[] {
  if (type !== undefined && type !== "TEXT_CONTENT") return [];
  if (typeof start !== "number" || typeof end !== "number") return [];
  return listOf(sources).flatMap((source) => {
    const { document, tool_output } = objectOf(source);
    const cited = objectOf(document ?? tool_output);
    const url = textOf(cited["url"]);
    if (url === undefined) return [];
    const title = textOf(cited["title"]) ?? url;
    return [{ type: "url_citation", url_citation: { url, title, start_index: start, end_index: end } }];
  });
}
