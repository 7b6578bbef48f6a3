import { crc32 } from "node:zlib";

/**
 * A frame is what one write appends: twelve bytes of header, then a payload of whole appends. Header, little-endian u32
 * each: the payload's length, its CRC-32, and the CRC-32 of these two, which starts from the frame's offset in
 * the file. So a length that was damaged is not taken for a frame that ends too early, and no frame passes in the wrong place.
 */
export const FRAME_HEADER_BYTES = 12;
/** Longest payload; whatever claims more is not a frame. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

const checkedHeaderBytes = 8;

/** Fills in the header of a frame whose payload begins after it, for this offset in the file. */
export function sealFrame(frame: Buffer, offset: number): void {
  const payload = frame.subarray(FRAME_HEADER_BYTES);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  frame.writeUInt32LE(headerCheck(frame, offset), checkedHeaderBytes);
}

/** What a frame's header says of its payload; undefined where the header does not check. */
export function readFrameHeader(header: Buffer, offset: number): { length: number; check: number } | undefined {
  if (header.readUInt32LE(checkedHeaderBytes) !== headerCheck(header, offset)) return undefined;
  const length = header.readUInt32LE(0);
  return length > MAX_PAYLOAD_BYTES ? undefined : { length, check: header.readUInt32LE(4) };
}

export function isPayloadSound(payload: Buffer, check: number): boolean {
  return crc32(payload) === check;
}

function headerCheck(header: Buffer, offset: number): number {
  return crc32(header.subarray(0, checkedHeaderBytes), offset % 2 ** 32);
}
