import * as contract from "@alfred/contracts";
import { type Field, decimal, dictionary, flag, integer, list, rawJson, text } from "./field.ts";
import { object } from "./object.ts";
import { responseItems } from "./response-item.ts";

/** Text, or a list of items. */
const input: Field<contract.ResponseInput> = {
  read(json, strict) {
    if (typeof json === "string") return { input: { $case: "text", value: json } };
    return { input: { $case: "items", value: { values: responseItems.read(json, strict) } } };
  },
  write({ input: asked }) {
    return asked?.$case === "text" ? asked.value : responseItems.write(asked?.value.values ?? []);
  },
};

const tool = object(contract.ResponseTool, { type: text, name: text, description: text, parameters: rawJson, strict: flag, format: rawJson });

/** The body of POST /v1/responses, but for `stream`. */
export const responseRequest = object(contract.ResponseRequest, {
  model: text,
  input,
  instructions: text,
  maxOutputTokens: integer,
  tools: list(tool),
  toolChoice: rawJson,
  parallelToolCalls: flag,
  reasoning: object(contract.ResponseReasoning, { effort: text, summary: text }),
  text: object(contract.ResponseText, { format: rawJson, verbosity: text }),
  temperature: decimal,
  topP: decimal,
  topLogprobs: integer,
  truncation: text,
  metadata: dictionary(text),
  store: flag,
  previousResponseId: text,
  include: list(text),
  background: flag,
  serviceTier: text,
  user: text,
  safetyIdentifier: text,
  promptCacheKey: text,
});
