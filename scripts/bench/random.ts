/** Numbers from 0 to 1 that a seed decides: a 32-bit multiply-with-carry generator, good enough to vary load. */
export function seededRandom(seed: number): () => number {
  let low = (seed ^ 0x9e3779b9) >>> 0 || 1;
  let high = (seed * 2_654_435_761) >>> 0 || 2;
  return () => {
    high = (36_969 * (high & 0xffff) + (high >>> 16)) >>> 0;
    low = (18_000 * (low & 0xffff) + (low >>> 16)) >>> 0;
    return (((high << 16) + (low & 0xffff)) >>> 0) / 2 ** 32;
  };
}
