/**
 * What each meter is a part of: where a model has no price of its own for a
 * meter, it is charged as the dearest of these, never as nothing. So do the
 * units of genai-prices decompose, from which the names come.
 */
const PART_OF: Readonly<Record<string, readonly string[]>> = {
  cache_read_tokens: ["input_tokens"],
  cache_write_tokens: ["input_tokens"],
  cache_write_5m_tokens: ["cache_write_tokens"],
  cache_write_1h_tokens: ["cache_write_tokens"],
  input_audio_tokens: ["input_tokens"],
  input_image_tokens: ["input_tokens"],
  input_video_tokens: ["input_tokens"],
  cache_audio_read_tokens: ["input_audio_tokens", "cache_read_tokens"],
  cache_image_read_tokens: ["input_image_tokens", "cache_read_tokens"],
  cache_video_read_tokens: ["input_video_tokens", "cache_read_tokens"],
  reasoning_tokens: ["output_tokens"],
  output_audio_tokens: ["output_tokens"],
  output_image_tokens: ["output_tokens"],
  output_video_tokens: ["output_tokens"],
  output_citation_tokens: ["output_tokens"],
  input_audio_seconds: ["audio_seconds"],
  output_audio_seconds: ["audio_seconds"],
  input_annotated_document_pages: ["input_document_pages"],
};

/** The meters that `meter` is charged as where it has no price of its own. */
export function wholesOf(meter: string): readonly string[] {
  return PART_OF[meter] ?? [];
}

/** Whether the meter counts tokens of the prompt, which choose the tier of a price. */
export function isInputTokens(meter: string): boolean {
  return meter.endsWith("_tokens") && (meter.startsWith("input_") || meter.startsWith("cache_"));
}
