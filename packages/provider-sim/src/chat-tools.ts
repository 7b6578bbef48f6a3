import { invalidType, invalidValue, isObject, missing, optionalArray, optionalObject } from "./json-fields.ts";
import type { JsonObject } from "./json-fields.ts";
import { invalidRequest } from "./sim-error.ts";

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

/** Reads `tools` and `tool_choice`; what OpenAI would refuse is a 400. */
export function readToolChoice(body: JsonObject): ToolChoice {
  const tools = (optionalArray(body, "tools") ?? []).map(readTool);
  const choice = body["tool_choice"];
  if (choice === undefined || choice === null) return { mode: tools.length === 0 ? "none" : "auto", tools };
  if (tools.length === 0 && choice !== "none") {
    throw invalidRequest("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
  }
  if (choice === "none" || choice === "auto" || choice === "required") return { mode: choice, tools };
  if (!isObject(choice)) throw invalidValue("tool_choice", "none, auto, required or an object");
  return choice["type"] === "allowed_tools" ? allowedTools(choice, tools) : namedTool(choice, tools);
}

function readTool(value: unknown, index: number): Tool {
  const param = `tools[${index}]`;
  if (!isObject(value)) throw invalidType(param, "an object");
  const type = value["type"];
  if (type !== "function" && type !== "custom") throw invalidValue(`${param}.type`, "function or custom");
  const definition = optionalObject(value, type, `${param}.${type}`);
  if (definition === undefined) throw missing(`${param}.${type}`);
  return {
    type,
    name: toolName(definition, `${param}.${type}.name`),
    parameters: optionalObject(definition, "parameters", `${param}.${type}.parameters`) ?? {},
  };
}

function toolName(definition: JsonObject, param: string): string {
  const name = definition["name"];
  if (name === undefined || name === "") throw missing(param);
  if (typeof name !== "string" || !/^[\w-]{1,64}$/.test(name)) {
    throw invalidValue(param, "up to 64 letters, digits, underscores and hyphens");
  }
  return name;
}

function findTool(reference: JsonObject, tools: readonly Tool[]): Tool {
  const definition = reference[String(reference["type"])];
  const name = isObject(definition) ? definition["name"] : undefined;
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw invalidValue("tool_choice", "the name of a tool in 'tools'");
  return tool;
}

function namedTool(choice: JsonObject, tools: readonly Tool[]): ToolChoice {
  return { mode: "named", tools: [findTool(choice, tools)] };
}

function allowedTools(choice: JsonObject, tools: readonly Tool[]): ToolChoice {
  const allowed = optionalObject(choice, "allowed_tools", "tool_choice.allowed_tools");
  if (allowed === undefined) throw missing("tool_choice.allowed_tools");
  const references = optionalArray(allowed, "tools") ?? [];
  return {
    mode: allowed["mode"] === "required" ? "required" : "auto",
    tools: references.filter(isObject).map((reference) => findTool(reference, tools)),
  };
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
