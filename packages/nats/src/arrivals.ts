/** A message with its place in the stream. */
export interface SequencedMessage {
  readonly seq: number;
  ack(): void;
}

/**
 * The messages of one session in the order of the stream. The server may send one again, and lose one on the way when
 * a connection breaks: what came before is dropped, and a hole ends the session, for then the missing message would
 * come after its successors.
 */
export class Arrivals<Message extends SequencedMessage> {
  readonly #queue: Message[] = [];
  #arrival = Promise.withResolvers<void>();
  #highest = 0;
  #acknowledged = 0;
  #ended = false;

  /** Takes a message as it comes from the server. */
  add(message: Message): void {
    if (this.#ended) return;
    if (message.seq <= this.#highest) {
      // Its acknowledgement was lost; one that still waits here will be acknowledged in its turn.
      if (message.seq <= this.#acknowledged) message.ack();
      return;
    }
    if (this.#highest > 0 && message.seq > this.#highest + 1) {
      this.end();
      return;
    }
    this.#highest = message.seq;
    this.#queue.push(message);
    this.#arrival.resolve();
  }

  /** No more will be taken; what is here can still be read. */
  end(): void {
    this.#ended = true;
    this.#arrival.resolve();
  }

  /** Waits for messages and takes up to `most`; none when the session has ended. */
  async take(most: number): Promise<readonly Message[]> {
    while (this.#queue.length === 0 && !this.#ended) {
      this.#arrival = Promise.withResolvers();
      await this.#arrival.promise;
    }
    return this.#queue.splice(0, most);
  }

  acknowledge(messages: readonly Message[]): void {
    for (const message of messages) {
      message.ack();
      this.#acknowledged = message.seq;
    }
  }
}
