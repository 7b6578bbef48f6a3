const longestText = 65_535;
/** Most bytes of UTF-8 that one unit of a JavaScript string becomes. */
const mostBytesPerUnit = 3;

/** Bytes written one after the other into a buffer that grows; little-endian. */
export class ByteWriter {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes: number) {
    this.#buffer = Buffer.allocUnsafe(capacityBytes);
    this.#view = viewOf(this.#buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets what comes after the first `length` bytes, or leaves room for so many. */
  seek(length: number): void {
    this.#reserve(length - this.#length);
    this.#length = length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  number(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** A signed integer of 64 bits; a `RangeError` for any other. */
  integer(value: bigint): void {
    // Unlike `writeBigInt64LE`, which takes ten times as long, a view wraps what is too large.
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is no integer of 64 bits`);
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  /** At most 65,535 bytes of UTF-8; a `RangeError` above. */
  text(value: string): void {
    this.#reserve(2 + value.length * mostBytesPerUnit);
    const written = this.#buffer.write(value, this.#length + 2, "utf8");
    if (written > longestText) throw new RangeError(`a text of ${written} bytes is too long for the journal`);
    this.#buffer.writeUInt16LE(written, this.#length);
    this.#length += 2 + written;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    const start = this.#buffer.writeUInt32LE(value.length, this.#length);
    this.#buffer.set(value, start);
    this.#length = start + value.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.view());
    this.#buffer = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
