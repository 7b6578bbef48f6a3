/**
 * How many tokens an image of unknown size can take at most. OpenAI's models count either tiles, after scaling the image
 * into 2048 x 2048 and its short side to 768 pixels, so that at most 4 x 2 tiles of 512 cover it; or patches of 32 pixels,
 * at most 1,536, times a factor. Twice the tiles are allowed for here, since what becomes of very long images is not
 * documented.
 *
 * Source: https://platform.openai.com/docs/guides/images-vision, "Calculating costs", as of November 2026.
 */
interface ImageRule {
  readonly names: RegExp;
  readonly tokens: number;
}

const TILES = 16;
const PATCHES = 1_536;

const RULES: readonly ImageRule[] = [
  // What is drawn of an image, seen closely: 4,160 tokens more of a square one, 6,240 of others.
  { names: /^(?:gpt-image|chatgpt-image)/, tokens: tiled(65 + 6_240, 129) },
  { names: /^gpt-4o-mini/, tokens: tiled(2_833, 5_667) },
  { names: /^gpt-4\.1-mini|^gpt-5-mini/, tokens: patched(1.62) },
  { names: /^gpt-4\.1-nano|^gpt-5-nano/, tokens: patched(2.46) },
  { names: /^o4-mini/, tokens: patched(1.72) },
  { names: /^(?:gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo)/, tokens: tiled(85, 170) },
  { names: /^gpt-5(?:-20|-chat|$)/, tokens: tiled(70, 140) },
  { names: /^o[13]/, tokens: tiled(75, 150) },
];

/** For every model that is not listed: above the dearest that is known. */
const UNKNOWN = tiled(2_833, 5_667);

/** The most tokens that one image can take in a prompt for the model, as its provider names it. */
export function imageBound(model: string): number {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  return RULES.find(({ names }) => names.test(name))?.tokens ?? UNKNOWN;
}

function tiled(base: number, tile: number): number {
  return base + tile * TILES;
}

function patched(factor: number): number {
  return Math.ceil(PATCHES * factor);
}
