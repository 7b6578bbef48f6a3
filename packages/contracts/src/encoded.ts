import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** What generated code knows of a message, as far as it takes to write one. */
interface Encodes<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

/** What longer messages took is not kept. */
const MAX_KEPT_BYTES = 64 * 1024;

/** A writer that has finished its message; whoever writes takes it, so that none is used by two. */
let spare: BinaryWriter | undefined;

/**
 * The message as bytes. The memory that one is written in is kept for the next: to have it anew, and grow step by step, costs
 * more than the writing.
 */
export function encoded<Message>(codec: Encodes<Message>, message: Message): Buffer {
  const writer = spare ?? new BinaryWriter();
  spare = undefined;
  const { buffer, byteOffset, byteLength } = codec.encode(message, writer).finish();
  // One that failed in the middle is left behind.
  if (byteLength <= MAX_KEPT_BYTES) spare = writer;
  return Buffer.from(buffer, byteOffset, byteLength);
}
