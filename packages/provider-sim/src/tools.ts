import type { JsonObject } from "./json-fields.ts";

/** A tool that the request declares. */
export interface Tool {
  readonly type: "function" | "custom";
  readonly name: string;
  /** JSON schema of a function's arguments; an empty one when it takes none. */
  readonly parameters: JsonObject;
}

/** What the request says about calling tools. */
export interface ToolChoice {
  readonly mode: "none" | "auto" | "required" | "named";
  /** The tools that may be called; all that are declared unless the choice narrows them. */
  readonly tools: readonly Tool[];
}

/** What decides, beside the request's own choice, which tools are called. */
export interface ToolWish {
  /** The last message's text, lower case, when it is a user's; else empty, so that a tool's result ends the round. */
  readonly asked: string;
  /** How many calls a directive wants; `undefined` leaves it to the text. */
  readonly calls: number | undefined;
  readonly parallel: boolean;
}

/**
 * The tools to call, in order: the one that the choice names; else as many as the directive wants, starting over after
 * the last; else those whose name stands in the text; with `required` at least the first. One only where calls may not be parallel.
 */
export function chooseTools(choice: ToolChoice, wish: ToolWish): readonly Tool[] {
  const { mode, tools } = choice;
  if (mode === "none" || tools.length === 0) return [];
  if (mode === "named") return tools;
  const wanted = wish.calls === undefined ? mentioned(tools, wish.asked) : repeated(tools, wish.calls);
  const chosen = wanted.length === 0 && mode === "required" ? tools.slice(0, 1) : wanted;
  return wish.parallel ? chosen : chosen.slice(0, 1);
}

function mentioned(tools: readonly Tool[], text: string): readonly Tool[] {
  return tools.filter(({ name }) => text.includes(name.toLowerCase()));
}

function repeated(tools: readonly Tool[], count: number): readonly Tool[] {
  return Array.from({ length: count }, (_, index) => tools[index % tools.length]).filter((tool) => tool !== undefined);
}
