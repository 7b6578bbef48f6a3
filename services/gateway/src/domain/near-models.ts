/** Most names that are told of. */
const MOST = 3;
/** How alike two names are at least, from 0 to 1. */
const LEAST_LIKENESS = 0.45;

/**
 * The names most like the one asked for, best first, at most three; none where none is like it. Likeness is Dice's
 * coefficient of their pairs of neighbouring characters (https://en.wikipedia.org/wiki/Dice-Sørensen_coefficient), so that
 * words in another order are alike. The work grows with the length of all names together, and no faster.
 */
export function nearModels(names: Iterable<string>, asked: string): string[] {
  const likeness = likenessTo(asked.toLowerCase());
  const near: { readonly name: string; readonly like: number }[] = [];
  for (const name of names) {
    const like = likeness(name.toLowerCase());
    if (like >= LEAST_LIKENESS) near.push({ name, like });
  }
  return near.toSorted((left, right) => right.like - left.like || compare(left.name, right.name)).slice(0, MOST).map(({ name }) => name);
}

/** Compares one name with many; every pair of it counts once in each of them. */
function likenessTo(asked: string): (name: string) => number {
  const wanted = new Map<number, number>();
  for (let at = 1; at < asked.length; at += 1) wanted.set(pairAt(asked, at), 0);
  let turn = 0;
  return (name) => {
    turn += 1;
    let common = 0;
    for (let at = 1; at < name.length; at += 1) {
      const pair = pairAt(name, at);
      const counted = wanted.get(pair);
      if (counted === undefined || counted === turn) continue;
      wanted.set(pair, turn);
      common += 1;
    }
    return (2 * common) / Math.max(1, wanted.size + name.length - 1);
  };
}

function pairAt(text: string, at: number): number {
  return text.charCodeAt(at - 1) * 0x1_00_00 + text.charCodeAt(at);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
