import { requestBehaviour } from "../directives.ts";
import type { Endpoint, Stamp } from "../dialect.ts";
import { isObject } from "../json-fields.ts";
import type { JsonObject } from "../json-fields.ts";
import { SimError } from "../sim-error.ts";

/** A request of a batch that OpenAI would run. */
export interface BatchLine {
  readonly customId: string;
  readonly url: string;
  readonly body: JsonObject;
}

/** What is wrong with an input file, as a batch tells it. */
export interface LineFault {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly line: number | null;
}

/** What came of a line, and whether it is told with the errors. */
export interface LineResult {
  readonly json: object;
  readonly isError: boolean;
}

const MOST_LINES = 50_000;

/** The requests of an input file, or the first faults. Source: https://platform.openai.com/docs/guides/batch */
export function readLines(content: Buffer, endpoint: string): { lines: BatchLine[]; faults: LineFault[] } {
  const texts = content.toString().split("\n").map((text) => text.trim());
  while (texts.at(-1) === "") texts.pop();
  if (texts.length === 0) return { lines: [], faults: [{ code: "empty_file", message: "The input file is empty.", param: null, line: null }] };
  if (texts.length > MOST_LINES) return { lines: [], faults: [{ code: "too_many_tasks", message: `The batch has more than ${MOST_LINES} requests.`, param: null, line: null }] };
  const lines: BatchLine[] = [];
  const faults: LineFault[] = [];
  const seen = new Set<string>();
  for (const [index, text] of texts.entries()) {
    const line = readLine(text, endpoint, seen);
    if (typeof line !== "string") lines.push(line);
    else if (faults.length < 10) faults.push({ code: line.startsWith("This line") ? "invalid_json_line" : "invalid_request", message: line, param: null, line: index + 1 });
  }
  return { lines, faults };
}

/** @returns what is wrong with it, in words, where something is */
function readLine(text: string, endpoint: string, seen: Set<string>): BatchLine | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "This line is not parseable as valid JSON.";
  }
  if (!isObject(json)) return "This line is not a JSON object.";
  const { custom_id: customId, method, url, body } = json;
  if (typeof customId !== "string" || customId === "") return "Missing required parameter: 'custom_id'.";
  if (seen.has(customId)) return `Duplicate custom_id: ${customId}`;
  seen.add(customId);
  if (method !== "POST") return "Only POST is supported.";
  if (url !== endpoint) return `The URL provided for this request does not match the endpoint of the batch: ${endpoint}.`;
  return isObject(body) ? { customId, url, body } : "Missing required parameter: 'body'.";
}

/** Runs a request as its own endpoint would. */
export function runLine(endpoint: Endpoint, { customId, url, body }: BatchLine, stamp: Stamp, name: string): LineResult {
  const { status, body: answer } = answerTo(endpoint, url, body, stamp);
  const response = { status_code: status, request_id: `req_sim_${name}`, body: answer };
  return { json: { id: `batch_req_${name}`, custom_id: customId, response, error: null }, isError: status !== 200 };
}

function answerTo(endpoint: Endpoint, url: string, body: JsonObject, stamp: Stamp): { status: number; body: unknown } {
  try {
    if (body["stream"] === true) throw new SimError(400, "request", { message: "Streaming is not supported in a batch.", param: "stream" });
    const text = JSON.stringify(body);
    const prepared = endpoint.prepare({ method: "POST", path: url, search: "", headers: {}, body: text, bytes: Buffer.from(text) });
    const behaviour = requestBehaviour({}, {}, prepared.text);
    if (behaviour.status !== undefined) throw new SimError(behaviour.status, "demanded", { message: "Failed on demand." });
    const answer = prepared.answer(behaviour, stamp);
    return { status: 200, body: answer.kind === "body" ? JSON.parse(answer.json) : null };
  } catch (error) {
    if (!(error instanceof SimError)) throw error;
    return { status: error.status, body: { error: { message: error.message, type: "invalid_request_error", param: error.param, code: error.code } } };
  }
}
