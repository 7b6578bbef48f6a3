import { readdirSync, readFileSync } from "node:fs";

/** A program of a guide, or lines of its shell, and what it is said to print. */
export interface Block {
  readonly language: Language;
  readonly text: string;
  /** Where the block begins in the guide, from 1. */
  readonly line: number;
  /** What it prints, `…` for what differs; empty where it prints nothing. */
  readonly prints: string;
}

/** What the blocks of a guide are written in, and the ending of a file of it. */
const LANGUAGES = ["sh", "js", "ts", "python"] as const;
type Language = (typeof LANGUAGES)[number];

/** A guide, read from docs/guides. */
export interface Guide {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const FOLDER = new URL("../../../../docs/guides/", import.meta.url);
const FENCED = /^```(\S*)(?: (\S+))?\n([\s\S]*?)^```$/gm;

/** The guides by their names; `README.md` is one of them. */
export function readGuides(): Guide[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".md"));
  return files.map((file) => readGuide(file, readFileSync(new URL(file, FOLDER), "utf8")));
}

/** @throws Error where a block is neither a program nor what the one before it prints */
export function readGuide(name: string, text: string): Guide {
  const blocks: Block[] = [];
  for (const { index, 1: language = "", 2: marker, 3: body = "" } of text.matchAll(FENCED)) {
    const line = text.slice(0, index).split("\n").length;
    const last = blocks.at(-1);
    if (marker === "output" && last?.prints === "") blocks[blocks.length - 1] = { ...last, prints: body };
    else if (marker === undefined && isLanguage(language)) blocks.push({ language, text: body, line, prints: "" });
    else throw new Error(`docs/guides/${name}:${line}: a block is ${LANGUAGES.join(", ")}, or the output of the block before it: "\`\`\`text output".`);
  }
  return { name, text, blocks };
}

function isLanguage(name: string): name is Language {
  return LANGUAGES.some((each) => each === name);
}

/** Whether a program printed what its guide says: `…` is any text in a line, and alone in a line any lines. */
export function isPrinted(output: string, said: string): boolean {
  const lines = said.trimEnd().split("\n").map((line) => (line === "…" ? "(?:.*\n)*?" : `${line.split("…").map(RegExp.escape).join(".*")}\n`));
  return new RegExp(`^${lines.join("")}$`).test(said === "" ? `${output}\n` : `${output.replaceAll("\r", "").trimEnd()}\n`);
}
