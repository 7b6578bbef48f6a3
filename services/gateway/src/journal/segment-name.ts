import { readdir } from "node:fs/promises";

const pattern = /^journal-([1-9]\d{0,9})\.log$/;

/** The file of a segment; segments count up from 1. */
export function segmentName(number: number): string {
  return `journal-${number}.log`;
}

/** Where a segment that could not be read whole is put aside; nothing reads or removes it but a person. */
export function corruptName(number: number): string {
  return `corrupt-${number}.log`;
}

/** The numbers of the segments in a folder, lowest first. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  const numbers = names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
  return numbers.toSorted((a, b) => a - b);
}
