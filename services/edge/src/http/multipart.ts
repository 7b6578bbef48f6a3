import { isUtf8 } from "node:buffer";
import { type AlfredError, fail } from "@alfred/errors";

/** A part of a form. */
export interface FormPart {
  /** The field's name as it was sent, brackets included. */
  readonly name: string;
  /** The file's name, empty where a file has none; undefined where the part is no file. */
  readonly filename: string | undefined;
  /** What the part says that it is, empty where it says nothing. */
  readonly contentType: string;
  /** A view of the body: nothing is copied. */
  readonly content: Buffer;
}

/** More than these no API here has fields and files. */
const MAX_PARTS = 128;
/** Bytes of the head of one part. */
const MAX_HEAD_BYTES = 8 * 1024;

const NEW_LINE = "\r\n";
const HEAD_END = Buffer.from("\r\n\r\n");
const [DASH, SPACE, TAB] = [0x2d, 0x20, 0x09];
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;
/** What a form is said to be, and where its parts end. */
const BOUNDARY = /^multipart\/form-data *;(?:.*;)? *boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;

/** What the boundary of a form is by its `content-type`; undefined where it is no form, or names none. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, bare] = BOUNDARY.exec(contentType) ?? [];
  return quoted ?? bare;
}

/**
 * Reads a form as RFC 7578 has it. Nothing is passed over: what is not a part with a name is an error.
 *
 * @throws AlfredError MALFORMED_BODY
 */
export function readMultipart(body: Buffer, boundary: string): FormPart[] {
  const cursor = new Cursor(body, boundary);
  const parts: FormPart[] = [];
  while (!cursor.isOver) {
    const number = parts.length + 1;
    if (number > MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} parts`);
    parts.push(toPart(cursor.head(number), cursor.content(number), number));
  }
  return parts;
}

/** Goes through a form from boundary to boundary, each byte once. */
class Cursor {
  readonly #body: Buffer;
  readonly #delimiter: Buffer;
  #at: number;
  isOver = false;

  constructor(body: Buffer, boundary: string) {
    this.#body = body;
    this.#delimiter = Buffer.from(`${NEW_LINE}--${boundary}`);
    const first = this.#delimiter.subarray(NEW_LINE.length);
    const before = body.subarray(0, first.length).equals(first) ? -NEW_LINE.length : this.#next(0);
    if (before === -1) throw malformed("the boundary that its `content-type` names is not in it");
    this.#at = before + this.#delimiter.length;
    this.#pass();
  }

  /** The head of a part, as text. */
  head(number: number): string {
    const head = this.#body.subarray(this.#at, this.#at + MAX_HEAD_BYTES);
    const end = head.indexOf(HEAD_END);
    if (end === -1) throw malformed(`the head of part ${number} breaks off, or is longer than ${MAX_HEAD_BYTES} bytes`);
    this.#at += end + HEAD_END.length;
    return utf8(head.subarray(0, end), `the head of part ${number}`);
  }

  /** The bytes of a part, up to the next boundary. */
  content(number: number): Buffer {
    const end = this.#next(this.#at);
    if (end === -1) throw malformed(`part ${number} breaks off: no boundary comes after it`);
    const content = this.#body.subarray(this.#at, end);
    this.#at = end + this.#delimiter.length;
    this.#pass();
    return content;
  }

  /** Where the next boundary begins: as RFC 2046 has it, nothing that begins like one is content. */
  #next(from: number): number {
    return this.#body.indexOf(this.#delimiter, from);
  }

  #isLast(at: number): boolean {
    return this.#body[at] === DASH && this.#body[at + 1] === DASH;
  }

  /** Where the line ends that has nothing more in it; -1 where it has. */
  #lineEnd(from: number): number {
    let at = from;
    while (this.#body[at] === SPACE || this.#body[at] === TAB) at += 1;
    return this.#body[at] === 0x0d && this.#body[at + 1] === 0x0a ? at : -1;
  }

  /** Goes past the rest of a boundary's line; what follows the last is of no part. */
  #pass(): void {
    this.isOver = this.#isLast(this.#at);
    if (this.isOver) return;
    const end = this.#lineEnd(this.#at);
    if (end === -1) throw malformed("a boundary is not followed by a new line");
    this.#at = end + NEW_LINE.length;
  }
}

function toPart(head: string, content: Buffer, number: number): FormPart {
  const headers = readHead(head, number);
  const disposition = headers.get("content-disposition") ?? "";
  const name = parameter(disposition, "name");
  if (!/^form-data *(?:;|$)/i.test(disposition) || name === undefined || name === "") throw malformed(`part ${number} has no name: its \`content-disposition\` must be form-data with one`);
  const encoding = headers.get("content-transfer-encoding") ?? "binary";
  if (!/^(?:7bit|8bit|binary)$/i.test(encoding)) throw malformed(`part ${number} is encoded, which nobody undoes: leave \`content-transfer-encoding\` out`);
  const contentType = headers.get("content-type") ?? "";
  // Who sends what is no text means a file.
  const filename = parameter(disposition, "filename") ?? (contentType === "" || /^text\/plain/i.test(contentType) ? undefined : "");
  return { name, filename, contentType, content };
}

function readHead(head: string, number: number): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head === "" ? [] : head.split(NEW_LINE)) {
    const [, name = "", value = ""] = HEADER.exec(line) ?? [];
    if (name === "" || headers.has(name.toLowerCase())) throw malformed(`the head of part ${number} is no list of headers, each said once`);
    headers.set(name.toLowerCase(), value);
  }
  return headers;
}

/** A parameter of a header; quotes and ends of lines in it are told as browsers tell them, or with a backslash. */
function parameter(header: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`;[ \\t]*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i").exec(header) ?? [];
  return quoted?.replaceAll('\\"', '"').replaceAll(/%22|%0d|%0a/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16))) ?? bare;
}

/** Text of a form. @throws AlfredError MALFORMED_BODY */
export function utf8(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw malformed(`${what} is not valid UTF-8`);
  return bytes.toString("utf8");
}

function malformed(fault: string): AlfredError {
  return fail("MALFORMED_BODY", `The body is not a valid form: ${fault}.`, { hint: "Send multipart/form-data as RFC 7578 has it; HTTP clients write it by themselves." });
}
