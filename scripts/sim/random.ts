/**
 * Random numbers that depend on a seed alone. Each question draws from a stream of its own, named by a label, so that
 * leaving one step out of a schedule does not change what becomes of the others more than it must.
 */
export class Random {
  #state: number;

  constructor(seed: number, label = "") {
    this.#state = mix(hash(label) ^ mix(seed | 0));
  }

  /** From 0 inclusive to 1 exclusive, by Weyl steps through a 32-bit finaliser. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return (mix(this.#state) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from 0 to `limit` exclusive. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number between two bounds, both inclusive. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.next() }));
    return keyed.toSorted((one, other) => one.key - other.key).map(({ item }) => item);
  }
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** FNV-1a over the characters of a label. */
function hash(label: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < label.length; index += 1) sum = Math.imul(sum ^ label.charCodeAt(index), 0x01000193);
  return sum | 0;
}
