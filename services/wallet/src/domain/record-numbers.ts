/** Record numbers of a lease, as sorted ranges that neither touch nor overlap, both ends included. */
export type RecordNumbers = ReadonlyArray<readonly [first: number, last: number]>;

export const NO_RECORDS: RecordNumbers = [];

export function hasRecord(numbers: RecordNumbers, number: number): boolean {
  return numbers.some(([first, last]) => first <= number && number <= last);
}

/** The numbers with one more among them. */
export function withRecord(numbers: RecordNumbers, number: number): RecordNumbers {
  const latest = numbers.at(-1);
  // They mostly come in their order.
  if (latest?.[1] === number - 1) return [...numbers.slice(0, -1), [latest[0], number]];
  if (hasRecord(numbers, number)) return numbers;
  const before = numbers.filter(([, last]) => last < number - 1);
  const after = numbers.filter(([first]) => first > number + 1);
  const below = numbers.find(([, last]) => last === number - 1);
  const above = numbers.find(([first]) => first === number + 1);
  return [...before, [below?.[0] ?? number, above?.[1] ?? number], ...after];
}

/** Whether all from 1 to `count` are among the numbers. */
export function hasAllUpTo(numbers: RecordNumbers, count: number): boolean {
  if (count === 0) return true;
  const [first] = numbers;
  return first !== undefined && first[0] <= 1 && first[1] >= count;
}
