/** Pictures and words may stand beside the sound. */
const BESIDE_BYTES = 1_048_576;

/** By the first block, which has the number of samples; none is stored in more than it has bits. Source: RFC 9639, section 8.2 */
export function flacSeconds(content: Buffer): number | undefined {
  const packed = content.readBigUInt64BE(18);
  const rate = Number(packed >> 44n);
  const bits = (Number((packed >> 41n) & 7n) + 1) * (Number((packed >> 36n) & 31n) + 1);
  const samples = Number(packed & 0xf_ffff_ffffn);
  const isTrue = content.length <= (samples * bits) / 8 * 1.1 + BESIDE_BYTES;
  return rate > 0 && samples > 0 && isTrue ? samples / rate : undefined;
}
