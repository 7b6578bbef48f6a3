/** Elements that have others in them on the way to the times: segment, information, cluster, group of blocks. */
const AROUND = new Set([0x18538067, 0x1549a966, 0x1f43b675, 0xa0]);
const SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const CLUSTER_TIME = 0xe7;
const BLOCKS = new Set([0xa3, 0xa1]);
/** A block says when it begins, and plays for less than this, in seconds. */
const LAST_BLOCK_S = 1;
const MOST_ELEMENTS = 1_000_000;
const USUAL_SCALE = 1_000_000;

/**
 * The longer of what the file says and of when its last block begins; files that are recorded as they are sent say nothing. The
 * elements are read in the order in which they stand, whatever is in what. Source: RFC 9559, RFC 8794
 */
export function matroskaSeconds(content: Buffer): number | undefined {
  let [scale, said, clusterTime, last] = [USUAL_SCALE, 0, 0, -1];
  let elements = 0;
  for (let at = 0; at < content.length; elements += 1) {
    if (elements > MOST_ELEMENTS) return undefined;
    const id = numberAt(content, at, false);
    const size = numberAt(content, at + id.length, true);
    const from = at + id.length + size.length;
    if (id.value === SCALE) scale = unsigned(content, from, size.value);
    if (id.value === DURATION) said = size.value === 4 ? content.readFloatBE(from) : content.readDoubleBE(from);
    if (id.value === CLUSTER_TIME) clusterTime = unsigned(content, from, size.value);
    if (BLOCKS.has(id.value)) last = Math.max(last, clusterTime + content.readInt16BE(from + numberAt(content, from, true).length));
    at = AROUND.has(id.value) ? from : from + size.value;
  }
  const toLast = last < 0 ? 0 : (last * scale) / 1e9 + LAST_BLOCK_S;
  return Math.max((said * scale) / 1e9, toLast);
}

/** A number whose first bit that is set says how many bytes it has; that bit belongs to names, and not to sizes. */
function numberAt(content: Buffer, at: number, isSize: boolean): { readonly value: number; readonly length: number } {
  const first = content.readUInt8(at);
  const length = Math.clz32(first) - 23;
  if (length > 8) throw new RangeError("A number is longer than eight bytes.");
  let value = isSize ? first & (0xff >> length) : first;
  for (let index = 1; index < length; index += 1) value = value * 256 + content.readUInt8(at + index);
  return { value, length };
}

function unsigned(content: Buffer, at: number, bytes: number): number {
  return bytes === 0 ? 0 : bytes > 6 ? Number(content.readBigUInt64BE(at + bytes - 8)) : content.readUIntBE(at, bytes);
}
