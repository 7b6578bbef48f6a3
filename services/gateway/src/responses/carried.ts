import { isObject } from "@alfred/openai";
import { readLoosely } from "../providers/loose-json.ts";

type Extra = Readonly<Record<string, string>>;

/** What an answer has to bring back to its provider: field name to raw JSON. */
export interface Carried {
  /** Of the message. */
  readonly message: Extra;
  /** Of its calls, by their ids. */
  readonly calls: Readonly<Record<string, Extra>>;
}

export const NOTHING_CARRIED: Carried = { message: {}, calls: {} };

/** Where the dialects keep it: thoughts as they were signed, whole answers, signatures of calls. */
const OF_MESSAGES = new Set(["thinking_blocks", "content_blocks", "extra_content"]);
const OF_CALLS = new Set(["extra_content", "caller"]);

/** Stands before ours, so that it is told apart from the encrypted thoughts of OpenAI's own models. */
const MARK = "alfred.1.";

/** The fields of a message that are carried. */
export function carriedOfMessage(extra: Extra): Extra {
  return pick(extra, OF_MESSAGES);
}

/** The fields of a call that are carried. */
export function carriedOfCall(extra: Extra): Extra {
  return pick(extra, OF_CALLS);
}

/** Whether nothing is carried. */
export function isEmpty({ message, calls }: Carried): boolean {
  return Object.keys(message).length + Object.keys(calls).length === 0;
}

/** As `encrypted_content` of an item of thoughts: clients send back unchanged what has it, and some leave out what has not. */
export function writeCarried({ message, calls }: Carried): string {
  return MARK + Buffer.from(JSON.stringify({ message, calls })).toString("base64url");
}

/** Reads it again; what is not ours, or was changed so that it cannot be read, carries nothing. */
export function readCarried(encrypted: string | undefined): Carried {
  if (!isOurs(encrypted)) return NOTHING_CARRIED;
  const json = readLoosely(Buffer.from(encrypted.slice(MARK.length), "base64url").toString());
  if (!isObject(json)) return NOTHING_CARRIED;
  const calls = isObject(json["calls"]) ? Object.entries(json["calls"]) : [];
  return { message: pick(json["message"], OF_MESSAGES), calls: Object.fromEntries(calls.map(([id, extra]) => [id, pick(extra, OF_CALLS)])) };
}

/** Whether it was written here, and means nothing to a provider. */
export function isOurs(encrypted: unknown): encrypted is string {
  return typeof encrypted === "string" && encrypted.startsWith(MARK);
}

function pick(extra: unknown, names: ReadonlySet<string>): Extra {
  if (!isObject(extra)) return {};
  const picked = Object.entries(extra).filter((pair): pair is [string, string] => names.has(pair[0]) && typeof pair[1] === "string");
  return Object.fromEntries(picked);
}
