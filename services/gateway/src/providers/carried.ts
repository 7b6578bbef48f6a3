/**
 * The field in which messages, calls and blocks carry what other providers' answers want to have back, as Gemini's signatures:
 * Google's own OpenAI interface keeps them there.
 *
 * Source: https://ai.google.dev/gemini-api/docs/openai
 */
export const CARRIED = "extra_content";

/** What is carried there, as a field for `extra`; none where nothing is. */
export function carriedOf(extra: Readonly<Record<string, string>>): Record<string, string> {
  const carried = extra[CARRIED];
  return carried === undefined ? {} : { [CARRIED]: carried };
}
