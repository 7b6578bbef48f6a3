/** A part of a path without its percent signs; as it is where they say nothing. */
export function decodeUriPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
