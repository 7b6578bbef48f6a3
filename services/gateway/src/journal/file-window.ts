import type { FileHandle } from "node:fs/promises";

const chunkBytes = 256 * 1024;

/** Reads a file front to back through a buffer that is no larger than a chunk and the longest piece asked for. */
export class FileWindow {
  readonly #file: FileHandle;
  #buffer: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Where the next piece begins, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes, valid until the next call; fewer than asked for only where the file ends. */
  async take(bytes: number): Promise<Buffer> {
    if (this.#buffer.length < bytes) await this.#fill(bytes);
    const piece = this.#buffer.subarray(0, bytes);
    this.#buffer = this.#buffer.subarray(piece.length);
    this.#offset += piece.length;
    return piece;
  }

  async #fill(bytes: number): Promise<void> {
    const grown = Buffer.allocUnsafe(bytes + chunkBytes);
    let length = this.#buffer.copy(grown);
    while (length < bytes) {
      const position = this.#offset + length;
      const { bytesRead } = await this.#file.read(grown, length, grown.length - length, position);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    this.#buffer = grown.subarray(0, length);
  }
}
