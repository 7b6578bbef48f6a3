import { hashText } from "./random.ts";

/** The log probability of a token, made up but always the same; an alternative of a higher rank is less likely. Eighths are exact in binary and print alike everywhere. */
export function logprobOf(token: string, rank: number): number {
  return -((hashText(token) & 7) / 8) - rank;
}

/** The text of the alternative of a token, rank 0 being the token itself. */
export function alternativeOf(token: string, rank: number): string {
  return rank === 0 ? token : `${token}${rank}`;
}
