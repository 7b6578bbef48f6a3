import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** A file that cannot be read as text. The message says why and names no file. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/** The text of a file of at most `mostBytes`. @throws UnreadableError */
export async function readText(path: string, mostBytes: number): Promise<string> {
  try {
    // Without waiting, since a pipe would keep whoever opens it until somebody writes.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await textOf(file, mostBytes);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`, { cause: error });
  }
}

async function textOf(file: FileHandle, mostBytes: number): Promise<string> {
  const found = await file.stat();
  if (!found.isFile()) throw new UnreadableError("not a file");
  if (found.size > mostBytes) throw new UnreadableError(`larger than ${mostBytes} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new UnreadableError("not UTF-8");
    throw error;
  }
}
