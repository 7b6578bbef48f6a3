/** Most names that are told of. */
const MOST = 3;
/** How alike two names are at least, from 0 to 1. */
const LEAST_LIKENESS = 0.45;

/**
 * The names most like the one asked for, best first, at most three; none where none is like it. Likeness is Dice's
 * coefficient of their pairs of neighbouring characters (https://en.wikipedia.org/wiki/Dice-Sørensen_coefficient), so that
 * words in another order are alike; the work grows with the length of all names together, and no faster.
 */
export function nearModels(names: Iterable<string>, asked: string): string[] {
  const wanted = pairsOf(asked.toLowerCase());
  const near: { readonly name: string; readonly likeness: number }[] = [];
  for (const name of names) {
    const likeness = likenessOf(wanted, pairsOf(name.toLowerCase()));
    if (likeness >= LEAST_LIKENESS) near.push({ name, likeness });
  }
  return near.toSorted((left, right) => right.likeness - left.likeness || compare(left.name, right.name)).slice(0, MOST).map(({ name }) => name);
}

function likenessOf(left: ReadonlySet<number>, right: ReadonlySet<number>): number {
  let common = 0;
  for (const pair of right) if (left.has(pair)) common += 1;
  return (2 * common) / (left.size + right.size || 1);
}

function pairsOf(name: string): Set<number> {
  const pairs = new Set<number>();
  for (let index = 1; index < name.length; index += 1) pairs.add(name.charCodeAt(index - 1) * 0x1_00_00 + name.charCodeAt(index));
  return pairs;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
