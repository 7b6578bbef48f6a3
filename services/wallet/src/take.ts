/** Takes the first `most` entries out of a map, and looks at no others. */
export function takeFirst<K, V>(from: Map<K, V>, most: number): Array<[K, V]> {
  const taken = [...from.entries().take(most)];
  for (const [key] of taken) from.delete(key);
  return taken;
}
