import { BoundedMap } from "./bounded-map.ts";
import { hashText, seededRandom } from "./random.ts";

/** Longer texts are not worth the memory of a cached key. */
const KEPT_TEXT_CHARACTERS = 8 * 1024;

/** How a vector is written: how long, and whether as the base64 of its little-endian 32-bit floats. */
interface VectorForm {
  readonly dimensions: number;
  readonly base64: boolean;
}

/**
 * The vector of a text: components drawn evenly from [-1, 1) by a generator seeded with the text, scaled to length 1
 * and rounded to 32-bit floats. The same text gives the same direction; fewer dimensions are the first ones, scaled again.
 */
export function embed(text: string, dimensions: number): Float32Array {
  const random = seededRandom(hashText(text));
  const vector = Float32Array.from({ length: dimensions }, () => random() * 2 - 1);
  const length = Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0)) || 1;
  return vector.map((component) => component / length);
}

function vectorJson(text: string, { dimensions, base64 }: VectorForm): string {
  const vector = embed(text, dimensions);
  if (!base64) return `[${vector.join(",")}]`;
  return `"${Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64")}"`;
}

/** Written vectors, kept because writing 1,536 numbers costs far more than a request should. */
export class VectorCache {
  readonly #vectors = new BoundedMap<string>(256);

  json(text: string, form: VectorForm): string {
    if (text.length > KEPT_TEXT_CHARACTERS) return vectorJson(text, form);
    const key = `${form.dimensions} ${form.base64} ${text}`;
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const vector = vectorJson(text, form);
    this.#vectors.set(key, vector);
    return vector;
  }
}
