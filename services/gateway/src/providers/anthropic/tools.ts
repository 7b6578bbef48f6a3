import { type ChatRequest, FunctionTool, Tool, type ToolChoice } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { type Json, besideFields, parseRaw, typedNames } from "../loose-json.ts";
import { readToolChoice } from "../tool-choice.ts";
import { type Draft, asList, invalid } from "./draft.ts";
import type { ModelTraits } from "./model-traits.ts";

/**
 * Writes `tools` and `tool_choice`. A tool of a type that OpenAI does not have is taken as the API's own. Of several tools
 * that are allowed the others are not offered, since the API has no list of them.
 *
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
 * @throws AlfredError INVALID_ARGUMENT
 */
export function writeTools(chat: ChatRequest, traits: ModelTraits, draft: Draft): void {
  const choice = choiceOf(chat.toolChoice, traits, draft);
  const all = chat.tools.flatMap((tool, index) => asList(toolOf(tool, `tools[${index}]`, draft)));
  const tools = choice?.offered === undefined ? all : all.filter(({ name }) => choice.offered?.has(name));
  if (tools.length < (choice?.offered?.size ?? 0)) draft.lacks("tool_choice");
  if (tools.length > 0) draft.body["tools"] = tools;
  const said = choice?.said;
  // A choice among no tools says nothing.
  if (tools.length === 0 && (said === undefined || said["type"] === "none" || said["type"] === "auto")) return;
  const written = chat.parallelToolCalls === false ? oneAtATime(said) : said;
  if (written !== undefined) draft.body["tool_choice"] = written;
}

/** Whether the model has to call a tool, which it does not think about first. */
export function isForced(choice: unknown): boolean {
  return isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
}

const TOOL_FIELDS = typedNames(Tool);
const FUNCTION_FIELDS = typedNames(FunctionTool);

function toolOf(tool: Tool, path: string, draft: Draft): Json | undefined {
  const extra = besideFields(tool.extra, TOOL_FIELDS, path);
  if (tool.type === "function" && tool.function !== undefined) return { ...extra, ...functionTool(tool.function, path) };
  // OpenAI's custom tools take free text; a schema makes it one of the API's own.
  if (tool.type === "function" || (tool.type === "custom" && extra["input_schema"] === undefined)) {
    draft.lacks(path);
    return undefined;
  }
  return { ...extra, type: tool.type };
}

function functionTool({ name, description, parameters, strict, extra }: FunctionTool, path: string): Json {
  if (name === "") throw invalid(`${path}.function.name`, "the name of a function");
  return {
    ...besideFields(extra, FUNCTION_FIELDS, `${path}.function`),
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters === undefined ? { type: "object", properties: {} } : parseRaw(parameters, `${path}.function.parameters`),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** A choice as the API says it, and the tools to offer where these are not all. */
interface Choice {
  readonly said: Json;
  readonly offered?: ReadonlySet<unknown>;
}

function choiceOf(asked: ToolChoice | undefined, traits: ModelTraits, draft: Draft): Choice | undefined {
  if (asked?.choice === undefined) return undefined;
  const choice = ownChoice(asked) ?? openAiChoice(asked);
  if (choice !== undefined && (traits.canForceTools || !isForced(choice.said))) return choice;
  draft.lacks("tool_choice");
  return undefined;
}

const OWN_CHOICES = new Set<unknown>(["auto", "any", "none", "tool"]);

/** The API's own words. */
function ownChoice({ choice }: ToolChoice): Choice | undefined {
  const json = choice?.$case === "object" ? parseRaw(choice.value, "tool_choice") : undefined;
  return isObject(json) && OWN_CHOICES.has(json["type"]) ? { said: { ...json } } : undefined;
}

const MODES = { auto: "auto", none: "none", required: "any" } as const;

function openAiChoice(asked: ToolChoice): Choice | undefined {
  const chosen = readToolChoice(asked);
  if (chosen === undefined) return undefined;
  const { mode, names } = chosen;
  if (mode === "required" && names?.length === 1) return { said: { type: "tool", name: names[0] } };
  return names === undefined ? { said: { type: MODES[mode] } } : { said: { type: MODES[mode] }, offered: new Set(names) };
}

function oneAtATime(choice: Json = { type: "auto" }): Json {
  return choice["type"] === "none" ? choice : { ...choice, disable_parallel_tool_use: true };
}
