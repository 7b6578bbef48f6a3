/** OpenAI's names, by which clients know refusals of any provider. Source: https://platform.openai.com/docs/guides/error-codes */

/** The prompt has no room in the model. */
export const TOO_LONG_CODE = "context_length_exceeded";
/** What was asked, or what came of it, was held back for what it contains. */
export const FILTERED_CODE = "content_filter";
