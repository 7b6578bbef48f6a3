/** What stands in the place of a key. */
const HIDDEN = "[hidden]";

/** So long no word is, and no number that an answer would have by chance. */
const SURELY_SECRET = 16;
/** A shorter one has to look made up: who needs no key writes "none" or "ollama" in its place, which answers may say. */
const MADE_UP = /^(?=.*\d)(?=.*[a-z]).{8,}$/i;

/** Keeps the operator's key out of what a provider answers, which is looked at as the text of JSON. */
export class SecretMask {
  readonly #secret: string;
  /** As most write it; empty where nothing is to be hidden. */
  readonly #usual: string;
  #any: RegExp | undefined;

  constructor(secret: string) {
    this.#secret = secret;
    this.#usual = secret.length >= SURELY_SECRET || MADE_UP.test(secret) ? JSON.stringify(secret).slice(1, -1) : "";
  }

  /** The text without the key, however JSON may write it; the same string where it is not there. */
  over(text: string): string {
    if (this.#usual === "" || !(text.includes(this.#usual) || text.includes("\\u00") || text.includes("\\/"))) return text;
    this.#any ??= new RegExp(Array.from(this.#secret, anyWriting).join(""), "g");
    return text.replaceAll(this.#any, HIDDEN);
  }
}

/** A character in all the ways in which JSON may write it, as a pattern. */
function anyWriting(character: string): string {
  const escapes = [character, `\\${character}`, JSON.stringify(character).slice(1, -1)].map((text) => text.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`));
  const code = character.charCodeAt(0).toString(16).padStart(4, "0");
  const hex = code.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  return `(?:${[...new Set(escapes), String.raw`\\u${hex}`].join("|")})`;
}
