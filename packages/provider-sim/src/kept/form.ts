import { invalidRequest } from "../sim-error.ts";

/** A part of a form: a field, or a file where it has a name. */
export interface FormPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: Buffer;
}

/** Reads multipart/form-data (RFC 7578) as HTTP clients write it. @throws SimError 400 */
export function readForm(contentType: string, body: Buffer): FormPart[] {
  const [, quoted, bare] = /^multipart\/form-data\s*;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw invalidRequest("The body of your request must be multipart/form-data.");
  const text = body.toString("latin1");
  const pieces = text.split(`--${boundary}`).slice(1, -1);
  if (pieces.length === 0) throw invalidRequest("The form in the body of your request has no parts.");
  return pieces.map(readPart);
}

function readPart(piece: string): FormPart {
  const end = piece.indexOf("\r\n\r\n");
  const head = Buffer.from(piece.slice(0, end), "latin1").toString();
  const [, name] = /;\s*name="([^"]*)"/i.exec(head) ?? [];
  if (end < 0 || name === undefined) throw invalidRequest("A part of the form in the body of your request has no name.");
  const [, filename] = /;\s*filename="([^"]*)"/i.exec(head) ?? [];
  return { name, filename, content: Buffer.from(piece.slice(end + 4, -2), "latin1") };
}
