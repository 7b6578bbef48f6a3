import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Tool, ToolChoice } from "../../tools.ts";
import { refused } from "./errors.ts";
import { lowerTypes } from "./schema.ts";

const NAME = /^[A-Za-z_][\w.:-]{0,127}$/;

/** Reads `tools` and `toolConfig` of a body that has its shape. @throws SimError */
export function readTools(body: JsonObject): ToolChoice {
  const given = (isArray(body["tools"]) ? body["tools"] : []).filter(isObject);
  const declared = given.flatMap((tool, index) =>
    (isArray(tool["functionDeclarations"]) ? tool["functionDeclarations"] : [])
      .filter(isObject)
      .map((declaration, position) => readDeclaration(declaration, `tools[${index}].function_declarations[${position}]`)),
  );
  checkNames(declared);
  const config = isObject(body["toolConfig"]) ? body["toolConfig"]["functionCallingConfig"] : undefined;
  return isObject(config) ? chosen(config, declared) : { mode: declared.length === 0 ? "none" : "auto", tools: declared };
}

function checkNames(tools: readonly Tool[]): void {
  const seen = new Set<string>();
  for (const { name } of tools) {
    if (seen.has(name)) throw refused(`Duplicate function declaration found: ${name}`);
    seen.add(name);
  }
}

function readDeclaration({ name, parameters, parametersJsonSchema }: JsonObject, at: string): Tool {
  if (typeof name !== "string" || !NAME.test(name)) {
    const rule = "Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.";
    throw refused(`* GenerateContentRequest.${at}.name: ${rule}\n`, at);
  }
  if (parameters !== undefined && parametersJsonSchema !== undefined) {
    throw refused(`* GenerateContentRequest.${at}: parameters and parameters_json_schema are mutually exclusive\n`, at);
  }
  if (isObject(parameters)) checkProperties(parameters, at);
  const schema = isObject(parameters) ? lowerTypes(parameters) : isObject(parametersJsonSchema) ? parametersJsonSchema : {};
  return { type: "function", name, parameters: schema };
}

function checkProperties({ type, properties, required }: JsonObject, at: string): void {
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (String(type).toUpperCase() === "OBJECT" && names.length === 0) {
    throw refused(`* GenerateContentRequest.${at}.parameters.properties: should be non-empty for OBJECT type\n`, at);
  }
  for (const [index, name] of (isArray(required) ? required : []).entries()) {
    if (!names.includes(String(name))) throw refused(`* GenerateContentRequest.${at}.parameters.required[${index}]: property is not defined\n`, at);
  }
}

function chosen({ mode = "AUTO", allowedFunctionNames: allowed }: JsonObject, tools: readonly Tool[]): ToolChoice {
  if (tools.length === 0 && mode !== "NONE") throw refused("Function calling config is set without function_declarations.");
  if (mode === "NONE") return { mode: "none", tools };
  const narrowed = isArray(allowed) && allowed.length > 0 ? allowed.map((name) => named(tools, name)) : tools;
  if (narrowed !== tools && mode !== "ANY" && mode !== "VALIDATED") {
    throw refused("Allowed function names can only be set when the function calling mode is ANY or VALIDATED.");
  }
  return { mode: mode === "ANY" ? "required" : "auto", tools: narrowed };
}

function named(tools: readonly Tool[], name: unknown): Tool {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw refused(`Allowed function name '${String(name)}' is not among the function declarations.`);
  return tool;
}
