import { type ResponseRequest, type ResponseTool, Tool, type ToolChoice } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { type Json, listOf, objectOf, parseRaw, textOf } from "../providers/loose-json.ts";
import { rawObject } from "./content.ts";

/** A tool as chats have it, where the definition stands under its type. One that only its provider knows keeps its fields. */
export function toTool(tool: ResponseTool): Tool {
  const { type, name = "", description, parameters, strict, format, extra } = tool;
  if (type === "function") return Tool.create({ type, function: { name, description, parameters, strict, extra: {} } });
  if (type !== "custom") return Tool.create({ type, extra });
  const definition = { name, description, format: format === undefined ? undefined : toFormat(rawObject(format, "tools.format")) };
  return Tool.create({ type, extra: { custom: JSON.stringify(definition) } });
}

/** A grammar stands under its type in a chat. */
function toFormat({ type, ...grammar }: Json): Json {
  return type === "grammar" ? { type, grammar } : { type };
}

/** Fields of tools that a chat has no place for, and their values that ask for nothing. */
const IDLE = new Set(["null", "false", "[]"]);

/** What of the tools cannot be said in a chat, by the client's names. */
export function unsaidOfTools({ tools }: ResponseRequest): string[] {
  return tools.flatMap(({ type, extra }, index) => {
    if (type !== "function" && type !== "custom") return [`tools[${index}]`];
    return Object.keys(extra).filter((name) => !IDLE.has(extra[name] ?? "null")).map((name) => `tools[${index}].${name}`);
  });
}

/** Whether and which tool to call, as chats have it; undefined where a chat cannot say it. */
export function toToolChoice({ toolChoice }: ResponseRequest): ToolChoice | undefined {
  const choice = toolChoice === undefined ? undefined : parseRaw(toolChoice, "tool_choice");
  if (typeof choice === "string") return { choice: { $case: "mode", value: choice } };
  const object = isObject(choice) ? toObject(choice) : undefined;
  return object && { choice: { $case: "object", value: JSON.stringify(object) } };
}

function toObject(choice: Json): Json | undefined {
  if (choice["type"] !== "allowed_tools") return named(choice);
  const tools = listOf(choice["tools"]).map((each) => named(objectOf(each)));
  return { type: "allowed_tools", allowed_tools: { mode: choice["mode"], tools } };
}

function named({ type, name }: Json): Json | undefined {
  const kind = textOf(type);
  return kind === "function" || kind === "custom" ? { type: kind, [kind]: { name } } : undefined;
}
