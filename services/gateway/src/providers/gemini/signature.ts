import { CARRIED } from "../carried.ts";
import { defined, listOf, objectOf, parseRaw, textOf, type Json } from "../loose-json.ts";

// Google's own OpenAI interface has it under `google` there: clients that carry signatures for it carry them for this dialect too.
const FIELD = CARRIED;

/** What a message or a tool call carries for Gemini besides its OpenAI fields. */
export interface Carried {
  /** The encrypted state of its thoughts, to be sent back as it came. */
  readonly signature?: string | undefined;
  /** Parts of no known form, whole. */
  readonly parts?: readonly unknown[] | undefined;
}

/** What is carried, as a field for `extra`; none where nothing is. */
export function writeCarried({ signature, parts }: Carried): Record<string, string> {
  const google = defined({ thought_signature: signature, parts: parts?.length === 0 ? undefined : parts });
  return Object.keys(google).length === 0 ? {} : { [FIELD]: JSON.stringify({ google }) };
}

/** What came back of it. */
export function readCarried(extra: Readonly<Record<string, string>>): Carried {
  const raw = extra[FIELD];
  return raw === undefined ? {} : carriedIn(parseRaw(raw, FIELD));
}

/** The same of `extra_content` itself. */
export function carriedIn(content: unknown): Carried {
  const google = objectOf(objectOf(content)["google"]);
  return { signature: textOf(google["thought_signature"]), parts: listOf(google["parts"]) };
}

/** The part, signed where there is a signature. */
export function signed(part: Json, signature: string | undefined): Json {
  return signature === undefined ? part : { ...part, thoughtSignature: signature };
}
