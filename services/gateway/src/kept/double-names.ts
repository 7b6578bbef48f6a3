const COLON = /[ \t\r\n]*:/y;

/**
 * Whether an object in a text says a name twice. Who parses it keeps the last one as a rule, but nothing says that a provider does.
 *
 * @param json what the text was parsed to
 */
export function hasDoubleNames(text: string, json: unknown): boolean {
  return namesIn(text) > namesOf(json);
}

/** How many names a JSON text has: its strings that a colon follows. */
function namesIn(text: string): number {
  let names = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    at = endOfString(text, at);
    COLON.lastIndex = at + 1;
    if (COLON.test(text)) names += 1;
  }
  return names;
}

/** Where the string that begins here ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first -= 1;
  return (at - first) % 2 === 1;
}

/** How many names are left of them, however deep they are. */
function namesOf(json: unknown): number {
  let names = 0;
  for (const open: unknown[] = [json]; open.length > 0; ) {
    const value = open.pop();
    if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) continue;
    const inner: unknown[] = Object.values(value);
    if (!Array.isArray(value)) names += inner.length;
    for (const each of inner) open.push(each);
  }
  return names;
}
