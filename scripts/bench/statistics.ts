/** A figure over several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError of no values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

/** The value below which the share `portion` of all lies, between the two nearest. @throws RangeError of no values */
export function quantile(sorted: readonly number[], portion: number): number {
  const at = (sorted.length - 1) * portion;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new RangeError("There is no quantile of nothing.");
  return below + (above - below) * (at - Math.floor(at));
}
