import type { ChatRequest, Tool, ToolChoice } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import type { Json } from "../loose-json.ts";
import { type Draft, asList, invalid, parseExtra, parseRaw } from "./draft.ts";
import type { ModelTraits } from "./model-traits.ts";

/**
 * Writes `tools` and `tool_choice`. A tool of a type that OpenAI does not have is taken as the API's own.
 *
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
 * @throws AlfredError INVALID_ARGUMENT
 */
export function writeTools(chat: ChatRequest, traits: ModelTraits, draft: Draft): void {
  const tools = chat.tools.flatMap((tool, index) => asList(toolOf(tool, `tools[${index}]`, draft)));
  if (tools.length > 0) draft.body["tools"] = tools;
  const choice = choiceOf(chat.toolChoice, traits, draft);
  // A choice among no tools says nothing.
  if (tools.length === 0 && (choice === undefined || choice["type"] === "none" || choice["type"] === "auto")) return;
  const written = chat.parallelToolCalls === false ? oneAtATime(choice) : choice;
  if (written !== undefined) draft.body["tool_choice"] = written;
}

/** Whether the model has to call a tool, which it does not think about first. */
export function isForced(choice: unknown): boolean {
  return isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
}

function toolOf(tool: Tool, path: string, draft: Draft): Json | undefined {
  const extra = parseExtra(tool.extra, path);
  if (tool.type === "function" && tool.function !== undefined) return { ...extra, ...functionTool(tool.function, path) };
  // OpenAI's custom tools take free text; a schema makes it one of the API's own.
  if (tool.type === "function" || (tool.type === "custom" && extra["input_schema"] === undefined)) {
    draft.lacks(path);
    return undefined;
  }
  return { ...extra, type: tool.type };
}

function functionTool({ name, description, parameters, strict, extra }: NonNullable<Tool["function"]>, path: string): Json {
  if (name === "") throw invalid(`${path}.function.name`, "the name of a function");
  return {
    ...parseExtra(extra, `${path}.function`),
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters === undefined ? { type: "object", properties: {} } : parseRaw(parameters, `${path}.function.parameters`),
    ...(strict === undefined ? {} : { strict }),
  };
}

const MODES: Readonly<Record<string, string>> = { auto: "auto", none: "none", required: "any" };

function choiceOf(asked: ToolChoice | undefined, traits: ModelTraits, draft: Draft): Json | undefined {
  if (asked?.choice === undefined) return undefined;
  const { $case, value } = asked.choice;
  const choice = $case === "mode" ? modeChoice(value) : objectChoice(parseRaw(value, "tool_choice"));
  if (choice !== undefined && (traits.canForceTools || !isForced(choice))) return choice;
  draft.lacks("tool_choice");
  return undefined;
}

function modeChoice(mode: string): Json | undefined {
  const type = MODES[mode];
  return type === undefined ? undefined : { type };
}

const OWN_CHOICES = new Set<unknown>(["auto", "any", "none", "tool"]);

function objectChoice(choice: unknown): Json | undefined {
  if (!isObject(choice)) return undefined;
  if (OWN_CHOICES.has(choice["type"])) return { ...choice };
  const called = choice["type"] === "function" ? choice["function"] : undefined;
  return isObject(called) && typeof called["name"] === "string" ? { type: "tool", name: called["name"] } : undefined;
}

function oneAtATime(choice: Json = { type: "auto" }): Json {
  return choice["type"] === "none" ? choice : { ...choice, disable_parallel_tool_use: true };
}
