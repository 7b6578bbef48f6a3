/** What a client may ask of a provider, each as the smallest request that asks for it: so capabilities are asked of the code, and stated nowhere. */

type Fields = Readonly<Record<string, unknown>>;

/** A request for one thing. */
export interface Probe {
  readonly group: string;
  readonly name: string;
  /** Fields of a chat, beside a model, a limit and a message of the user's. */
  readonly fields: Fields;
  /** What is in a label's value: where the body does not have it, the label was left out. */
  readonly mark: RegExp | undefined;
}

const USER = { role: "user", content: "Hi" };
const FUNCTION = { type: "function", function: { name: "look_up", parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false } } };
const OTHER = { type: "function", function: { name: "guess", parameters: { type: "object", properties: {} } } };
const SCHEMA = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
const CALL = { role: "assistant", content: null, tool_calls: [{ id: "abcDEF123", type: "function", function: { name: "look_up", arguments: '{"q":"x"}' } }] };
const IMAGE = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };

function says(part: Fields): Fields {
  return { messages: [{ role: "user", content: [{ type: "text", text: "See" }, part] }] };
}

const MESSAGES: Readonly<Record<string, Fields>> = {
  "text": {},
  "instructions (`system`, `developer`)": { messages: [{ role: "system", content: "Be brief." }, { role: "developer", content: "In French." }, USER] },
  "images in place": says(IMAGE),
  "images by address": says({ type: "image_url", image_url: { url: "https://example.com/a.png" } }),
  "images, seen at low detail": says({ type: "image_url", image_url: { ...IMAGE.image_url, detail: "low" } }),
  "files in place (PDF)": says({ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }),
  "sound in place": says({ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }),
  "names of those who speak": { messages: [{ ...USER, name: "ann" }] },
  "earlier calls and their results": { tools: [FUNCTION], messages: [USER, CALL, { role: "tool", tool_call_id: "abcDEF123", content: "1" }] },
  "results with images": { tools: [FUNCTION], messages: [USER, CALL, { role: "tool", tool_call_id: "abcDEF123", content: [IMAGE] }] },
};

const TOOLS: Readonly<Record<string, Fields>> = {
  "functions": { tools: [FUNCTION] },
  "functions with strict schemas": { tools: [{ ...FUNCTION, function: { ...FUNCTION.function, strict: true } }] },
  "tools of free text (`custom`)": { tools: [{ type: "custom", custom: { name: "write" } }] },
  "`tool_choice`: none": { tools: [FUNCTION], tool_choice: "none" },
  "`tool_choice`: required": { tools: [FUNCTION], tool_choice: "required" },
  "`tool_choice`: one function": { tools: [FUNCTION, OTHER], tool_choice: { type: "function", function: { name: "look_up" } } },
  "`tool_choice`: some of them": { tools: [FUNCTION, OTHER], tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [FUNCTION] } } },
  "one call at a time": { tools: [FUNCTION], parallel_tool_calls: false },
};

const ANSWERS: Readonly<Record<string, Fields>> = {
  "JSON of any form": { messages: [{ role: "user", content: "Say it in JSON." }], response_format: { type: "json_object" } },
  "JSON by a schema": { response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema: SCHEMA } } },
  "`reasoning_effort`": { reasoning_effort: "low" },
  "`reasoning_effort`: none": { reasoning_effort: "none" },
  "`temperature`": { temperature: 0.5 },
  "`top_p`": { top_p: 0.9 },
  "`stop`": { stop: ["END"] },
  "`seed`": { seed: 7 },
  "`presence_penalty`": { presence_penalty: 0.5 },
  "`frequency_penalty`": { frequency_penalty: 0.5 },
  "`logit_bias`": { logit_bias: { "5": 1 } },
  "`logprobs`": { logprobs: true },
  "`top_logprobs`": { logprobs: true, top_logprobs: 2 },
  "several answers (`n`)": { n: 2 },
  "`verbosity`": { verbosity: "low" },
  "`prediction`": { prediction: { type: "content", content: "x" } },
  "sound (`modalities`)": { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
  "`store`": { store: true },
  "`service_tier`: flex": { service_tier: "flex" },
};

const LABELS: Readonly<Record<string, Fields>> = {
  "`user`": { user: "marked" },
  "`safety_identifier`": { safety_identifier: "marked" },
  "`metadata`": { metadata: { label: "marked" } },
  "`prompt_cache_key`": { prompt_cache_key: "marked" },
  "`cache_control` of a part": says({ type: "text", text: "x", cache_control: { type: "ephemeral" } }),
};

function probes(group: string, fields: Readonly<Record<string, Fields>>, mark?: RegExp): Probe[] {
  return Object.entries(fields).map(([name, each]) => ({ group, name, fields: each, mark }));
}

export const PROBES: readonly Probe[] = [
  ...probes("messages", MESSAGES), ...probes("tools", TOOLS), ...probes("answers", ANSWERS), ...probes("labels", LABELS, /marked|ephemeral/),
];
