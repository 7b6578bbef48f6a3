import type { Call } from "./dialect.ts";
import type { JsonObject } from "./json-fields.ts";
import { readForm as readParts } from "./kept/form.ts";

/** A file of a form. */
interface FormFile {
  readonly filename: string;
  readonly bytes: Buffer;
}

/** A form: its fields as text, those named `name[]` as lists, and its files. */
export interface Form {
  readonly fields: JsonObject;
  readonly files: Readonly<Record<string, readonly FormFile[]>>;
}

/** Reads a form by the names of its fields; anything else is a 400. */
export function readForm({ headers, bytes }: Call): Form {
  const fields: Record<string, unknown> = {};
  const files: Record<string, FormFile[]> = {};
  for (const { name, filename, content } of readParts(headers["content-type"] ?? "", bytes)) {
    const [field, isList] = [name.replace(/\[\]$/, ""), name.endsWith("[]")];
    if (filename !== undefined) files[field] = [...(files[field] ?? []), { filename, bytes: content }];
    else fields[field] = isList ? [...((fields[field] as unknown[] | undefined) ?? []), content.toString()] : content.toString();
  }
  return { fields, files };
}
