import { listOf, objectOf, textOf, type Json } from "../loose-json.ts";

/**
 * What a candidate cites, as OpenAI's annotations of a message: a citation per source and span of the text. Sources that
 * support no span are not cited; they stand in `groundingMetadata`, which is passed on whole.
 *
 * Source: https://ai.google.dev/gemini-api/docs/google-search
 *
 * @param text what the candidate says, all of it so far
 */
export function readAnnotations(candidate: Json, text: string): Json[] {
  const citations = listOf(objectOf(candidate["citationMetadata"])["citationSources"]);
  const cited = citations.flatMap((source) => {
    const citation = objectOf(source);
    return annotation(citation, textOf(citation["uri"]), textOf(citation["title"]), text);
  });
  return [...grounded(objectOf(candidate["groundingMetadata"]), text), ...cited];
}

function grounded(metadata: Json, text: string): Json[] {
  const chunks = listOf(metadata["groundingChunks"]).map((chunk) => {
    const kinds = objectOf(chunk);
    return objectOf(kinds["web"] ?? kinds["retrievedContext"] ?? kinds["maps"]);
  });
  return listOf(metadata["groundingSupports"]).flatMap((support) => {
    const { segment, groundingChunkIndices }: Json = objectOf(support);
    const sources = listOf(groundingChunkIndices).map((index) => objectOf(chunks[Number(index)]));
    return sources.flatMap(({ uri, title }) => annotation(objectOf(segment), textOf(uri), textOf(title), text));
  });
}

function annotation(span: Json, url: string | undefined, title: string | undefined, text: string): Json[] {
  const { startIndex, endIndex } = span;
  if (url === undefined || typeof endIndex !== "number") return [];
  const start = typeof startIndex === "number" ? startIndex : 0;
  const [start_index, end_index] = [toCharacters(text, start), toCharacters(text, endIndex)];
  return [{ type: "url_citation", url_citation: { url, title: title ?? url, start_index, end_index } }];
}

/** Gemini counts bytes of UTF-8, OpenAI characters. */
function toCharacters(text: string, bytes: number): number {
  if (Buffer.byteLength(text) === text.length) return Math.min(bytes, text.length);
  let characters = 0;
  let passed = 0;
  for (const character of text) {
    if (passed >= bytes) return characters;
    passed += Buffer.byteLength(character);
    characters += 1;
  }
  return characters;
}
