import { invalidType, invalidValue, isObject, missing, optionalArray, optionalObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import type { Tool, ToolChoice } from "../../tools.ts";

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
