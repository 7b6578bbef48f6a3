import type { MediaFile } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { Form } from "../http/form.ts";

/**
 * The files of a form, by the names that it may have them under.
 *
 * @param names the most files of each name
 * @throws AlfredError INVALID_ARGUMENT where there are others, or too many
 */
export function filesOf({ files }: Form, names: Readonly<Record<string, number>>): Record<string, MediaFile[]> {
  for (const [name, { length }] of files) {
    const most = names[name] ?? 0;
    if (length > most) throw invalid(name, most === 0 ? "no file" : `at most ${most} file${most === 1 ? "" : "s"}`);
  }
  return Object.fromEntries(Object.keys(names).map((name) => [name, [...(files.get(name) ?? [])]]));
}

/** The file that a form has to have. @throws AlfredError INVALID_ARGUMENT */
export function requireFile(form: Form, name: string): MediaFile {
  const [file] = filesOf(form, { [name]: 1 })[name] ?? [];
  if (file !== undefined && file.content.length > 0) return file;
  throw invalid(name, "a file, not empty");
}

function invalid(field: string, expected: string): Error {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, { metadata: { field } });
}
