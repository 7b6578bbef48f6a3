import { isLabel } from "../labels.ts";
import { type Json, listOf, objectOf } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";

/**
 * Takes the files of the operator's out of the messages of a body, whoever it goes to.
 * @returns where they stood
 */
export function dropKeptFiles(body: Json): string[] {
  return listOf(body["messages"]).flatMap((message, index) => {
    const said = objectOf(message);
    const { content } = said;
    if (!Array.isArray(content) || !content.some((part) => namesKeptFile(objectOf(part)))) return [];
    said["content"] = content.filter((part) => !namesKeptFile(objectOf(part)));
    return content.flatMap((part: unknown, at) => (namesKeptFile(objectOf(part)) ? [`messages[${index}].content[${at}].${String(objectOf(part)["type"])}`] : []));
  });
}

/** Takes out labels that stand where the API has no place for any: below the body itself, which has a place for most. */
export function dropInnerLabels(body: Json): void {
  for (const message of listOf(body["messages"]).map(objectOf)) {
    dropLabels(message);
    for (const call of listOf(message["tool_calls"])) dropLabels(objectOf(call));
    for (const part of listOf(message["content"])) dropLabels(objectOf(part));
  }
  for (const tool of listOf(body["tools"]).map(objectOf)) {
    dropLabels(tool);
    dropLabels(objectOf(tool["function"]));
  }
}

function dropLabels(json: Json): void {
  for (const name of Object.keys(json)) if (isLabel(name)) delete json[name];
}
