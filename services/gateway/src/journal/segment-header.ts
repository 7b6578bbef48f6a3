import { crc32 } from "node:zlib";

/** A segment opens with: "ALFRJL", the format's version (u16), the segment's number (u32), the CRC-32 of these; little-endian. */
export const SEGMENT_HEADER_BYTES = 16;

const magic = Buffer.from("ALFRJL", "latin1");
const version = 1;
const checkedBytes = 12;

export function segmentHeader(number: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  magic.copy(header);
  header.writeUInt16LE(version, magic.length);
  header.writeUInt32LE(number, magic.length + 2);
  header.writeUInt32LE(crc32(header.subarray(0, checkedBytes)), checkedBytes);
  return header;
}

/** Whether these bytes open the segment of this number, or one in the format of a later Alfred, or neither. */
export function checkSegmentHeader(header: Buffer, number: number): "sound" | "newer" | "damaged" {
  if (header.equals(segmentHeader(number))) return "sound";
  const isChecked = header.readUInt32LE(checkedBytes) === crc32(header.subarray(0, checkedBytes));
  const isOurs = isChecked && header.subarray(0, magic.length).equals(magic);
  return isOurs && header.readUInt16LE(magic.length) > version ? "newer" : "damaged";
}
