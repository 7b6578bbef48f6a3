/** Reads what a `ByteWriter` wrote; a `RangeError` where the bytes end too early. */
export class ByteReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#buffer.length;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  number(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  integer(): bigint {
    return this.#buffer.readBigInt64LE(this.#advance(8));
  }

  text(): string {
    const length = this.#buffer.readUInt16LE(this.#advance(2));
    const start = this.#advance(length);
    return this.#buffer.toString("utf8", start, start + length);
  }

  /** A copy. */
  bytes(): Uint8Array {
    const length = this.#buffer.readUInt32LE(this.#advance(4));
    const start = this.#advance(length);
    return new Uint8Array(this.#buffer.subarray(start, start + length));
  }

  #advance(bytes: number): number {
    const start = this.#offset;
    if (start + bytes > this.#buffer.length) throw new RangeError("the bytes end too early");
    this.#offset = start + bytes;
    return start;
  }
}
