/** A gateway as the wallet knows it. Its name lives in its journal; each of its starts gets the next incarnation. */
export interface Gateway {
  readonly id: string;
  /** The number of its latest start, from 1, always rising. */
  readonly incarnation: bigint;
  /** The id of that start. */
  readonly startId: string;
}
