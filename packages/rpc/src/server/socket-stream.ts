import type { AlfredError } from "@alfred/errors";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { toWireStatus } from "../call/status.ts";

/** The writing side of a streaming call on a socket. */
export class SocketStream {
  readonly #call: ServerWritableStream<Buffer, Buffer>;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(call: ServerWritableStream<Buffer, Buffer>) {
    this.#call = call;
    call.on("drain", () => this.#release());
    // A caller that went away drains nothing any more; the chain has ended the call by then.
    call.on("cancelled", () => this.#release());
  }

  /** Writes a message; a promise, where the reader is slow, says when to go on. */
  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#call.cancelled || this.#call.write(bytes)) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Ends the stream, with the failure's status if there is one. */
  end(failure: AlfredError | undefined): void {
    this.#release();
    if (failure === undefined) this.#call.end();
    else this.#call.emit("error", toWireStatus(failure));
  }

  #release(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
