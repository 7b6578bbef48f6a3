import { ModelPrice } from "@alfred/contracts";

/** What the source of these prices is called on the wire. */
const BUILT_IN_SOURCE = "built-in";

/**
 * Models that their provider gives away, by name (docs/decisions/0012-openai-judges-for-nothing.md). A price file may say
 * otherwise. Source: https://platform.openai.com/docs/guides/moderation
 */
export const GIVEN_AWAY: readonly ModelPrice[] = [
  free("omni-moderation-latest", "omni-moderation-2024-09-26"),
  free("text-moderation-latest", "text-moderation-stable", "text-moderation-007"),
];

function free(model: string, ...aliases: string[]): ModelPrice {
  return ModelPrice.create({ provider: "openai", model, aliases, free: true, source: BUILT_IN_SOURCE });
}
