import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A change that a guide asks for: a whole file, or a few lines of one. */
export interface GuideStep {
  /** The file, below the repository's root. */
  readonly file: string;
  readonly kind: "whole" | "change";
  readonly text: string;
}

/** A file's name in bold code on a line of its own, or a block of code. */
const PIECES = /^\*\*`([^`\n]+)`\*\*$|^```(\w*)\n([\s\S]*?)^```$/gm;

/** The changes that a guide asks for, in their order: each block of code under the name of a file. A `diff` changes a file, anything else is one. */
export function stepsOf(guide: string): GuideStep[] {
  const steps: GuideStep[] = [];
  let file = "";
  for (const [, name, language = "", text = ""] of guide.matchAll(PIECES)) {
    if (name !== undefined) file = name;
    // Data beside the sources is shown, and changes no file.
    else if (file !== "" && language !== "json") steps.push({ file, kind: language === "diff" ? "change" : "whole", text });
  }
  return steps;
}

/** Makes a change below `root`. @throws Error where the file does not have the lines that the guide shows, or has them more than once */
export async function follow({ file, kind, text }: GuideStep, root: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, kind === "whole" ? text : changed(await readFile(path, "utf8"), text, file));
}

function changed(source: string, diff: string, file: string): string {
  const lines = diff.split("\n").filter((line) => line !== "");
  const before = lines.filter((line) => !line.startsWith("+")).map((line) => `${line.slice(1)}\n`).join("");
  const after = lines.filter((line) => !line.startsWith("-")).map((line) => `${line.slice(1)}\n`).join("");
  const places = source.split(before).length - 1;
  if (places !== 1) throw new Error(`The guide changes lines of ${file} that stand there ${places} times:\n${before}`);
  return source.replace(before, () => after);
}
