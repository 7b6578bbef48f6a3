import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";
import type { SequencedMessage } from "./arrivals.ts";

class Message implements SequencedMessage {
  readonly seq: number;
  acknowledged = 0;

  constructor(seq: number) {
    this.seq = seq;
  }

  ack(): void {
    this.acknowledged += 1;
  }
}

function arrived(...sequences: readonly number[]): Arrivals<Message> {
  const arrivals = new Arrivals<Message>();
  for (const seq of sequences) arrivals.add(new Message(seq));
  return arrivals;
}

async function taken(arrivals: Arrivals<Message>, most = 10): Promise<number[]> {
  return (await arrivals.take(most)).map(({ seq }) => seq);
}

test("messages are taken in the order of the stream, wherever it begins", async () => {
  const arrivals = arrived(41, 42, 43);
  expect(await taken(arrivals, 2)).toEqual([41, 42]);
  expect(await taken(arrivals, 2)).toEqual([43]);
});

test("one that comes again while it waits is taken once", async () => {
  expect(await taken(arrived(1, 2, 1, 3, 2))).toEqual([1, 2, 3]);
});

test("one that comes again after it was handled is acknowledged again, and not taken", async () => {
  const arrivals = arrived(1, 2);
  arrivals.acknowledge(await arrivals.take(10));
  const again = new Message(2);
  arrivals.add(again);
  arrivals.add(new Message(3));
  expect(again.acknowledged).toBe(1);
  expect(await taken(arrivals)).toEqual([3]);
});

test("a hole ends the session before anything overtakes the message that is missing", async () => {
  const arrivals = arrived(1, 2, 4, 5, 3);
  expect(await taken(arrivals)).toEqual([1, 2]);
  expect(await taken(arrivals)).toEqual([]);
});

test("who waits is woken by an arrival and by the end", async () => {
  const arrivals = arrived();
  const first = taken(arrivals);
  arrivals.add(new Message(7));
  expect(await first).toEqual([7]);
  const last = taken(arrivals);
  arrivals.end();
  expect(await last).toEqual([]);
});
