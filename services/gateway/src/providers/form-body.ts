import { randomUUID } from "node:crypto";
import { isObject } from "@alfred/openai";
import type { FormBody } from "../domain/provider-port.ts";
import type { ProviderRequest, RequestFile } from "./dialect.ts";

const NEW_LINE = "\r\n";

/**
 * Writes a form as RFC 7578 has it: the fields of a body, items of a list as `name[]` and of an object as `name[key]`, as OpenAI's
 * clients do, and the files, which are not copied.
 */
export function writeForm(fields: ProviderRequest["body"], files: readonly RequestFile[]): FormBody {
  // Nobody can know it beforehand and write it into what is sent.
  const boundary = `alfred-${randomUUID()}`;
  const text = Object.entries(fields).flatMap(([name, value]) => writeField(name, value)).map(([name, value]) => head(boundary, name) + value + NEW_LINE);
  const pieces: Uint8Array[] = [Buffer.from(text.join(""))];
  for (const { field, filename, contentType, content } of files) {
    const said = contentType === "" ? "" : `${NEW_LINE}content-type: ${contentType.replaceAll(/[^\x20-\x7e]/g, "")}`;
    pieces.push(Buffer.from(head(boundary, field, `; filename="${escaped(filename)}"${said}`)), content, Buffer.from(NEW_LINE));
  }
  pieces.push(Buffer.from(`--${boundary}--${NEW_LINE}`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, length: pieces.reduce((sum, { length }) => sum + length, 0), pieces };
}

function head(boundary: string, name: string, more = ""): string {
  return `--${boundary}${NEW_LINE}content-disposition: form-data; name="${escaped(name)}"${more}${NEW_LINE}${NEW_LINE}`;
}

/** As the HTML standard has it. */
function escaped(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A form has no null, so that one says nothing. */
function writeField(name: string, value: unknown): [name: string, value: string][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => writeField(`${name}[]`, item));
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => writeField(`${name}[${key}]`, item));
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
}
