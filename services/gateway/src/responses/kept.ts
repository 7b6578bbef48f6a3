import type { ResponseItem, ResponsePart, ResponseRequest } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { isBlank } from "../providers/loose-json.ts";

/** Fields that name what an account at a provider keeps for nobody who is on record, and that have no typed field. */
const BY_NAME = ["conversation", "prompt"];
/** The same within items and parts of other kinds. */
const NAMES_KEPT = /"(?:file_id|container_id|vector_store_ids?)":\s*["[]/;

/**
 * The fields of a request that name what a provider keeps, or ask it to answer later, when nobody would hold the money for it:
 * the account there is the operator's, and of what is in it only responses and their items can be told whose they are, by their ids.
 * @param keepsResponses whether the provider keeps those
 */
export function keptFields(request: ResponseRequest, keepsResponses: boolean): string[] {
  const { previousResponseId, background, extra } = request;
  const named = BY_NAME.filter((name) => !isBlank(extra[name] ?? "null"));
  const items = itemsOf(request).flatMap((item, index) => keptInItem(item, `input[${index}]`, keepsResponses));
  return [...(previousResponseId && !keepsResponses ? ["previous_response_id"] : []), ...(background === true ? ["background"] : []), ...named, ...items];
}

/** The request without them. */
export function withoutKept(request: ResponseRequest, keepsResponses: boolean): ResponseRequest {
  const extra = Object.fromEntries(Object.entries(request.extra).filter(([name]) => !BY_NAME.includes(name)));
  const less = withItems(request, (items) => items.filter((item) => !isKept(item, keepsResponses)).map(withoutFiles));
  const previousResponseId = keepsResponses ? request.previousResponseId : undefined;
  return { ...less, previousResponseId, background: undefined, extra };
}

/** The request with other items, where it has any. */
export function withItems(request: ResponseRequest, change: (items: readonly ResponseItem[]) => ResponseItem[]): ResponseRequest {
  if (request.input?.input?.$case !== "items") return request;
  return { ...request, input: { input: { $case: "items", value: { values: change(request.input.input.value.values) } } } };
}

/** A request for what is kept somewhere. */
export function nothingIsKept(provider: string, fields: readonly string[]): AlfredError {
  const listed = fields.map((name) => `\`${name}\``).join(", ");
  return fail("FEATURE_UNSUPPORTED", `The provider ${provider} keeps nothing for ${listed} to name or to wait for.`, {
    hint: "Send what was said before as items of `input`, files and images as data, and wait for the answer; OpenAI's models and those of Azure's v1 API take `previous_response_id` and items by reference. Clients that refer to earlier items send them whole with `store` set to false.",
    metadata: { provider, field: fields[0] ?? "", fields: fields.join(", ") },
  });
}

/** The items of a request; none where it is text. */
export function itemsOf({ input }: ResponseRequest): readonly ResponseItem[] {
  return input?.input?.$case === "items" ? input.input.value.values : [];
}

function keptInItem(item: ResponseItem, path: string, keepsResponses: boolean): string[] {
  if (isKept(item, keepsResponses)) return [path];
  return (["content", "output"] as const).flatMap((field) => {
    const said = item[field]?.content;
    const parts = said?.$case === "parts" ? said.value.values : [];
    return parts.flatMap((part, index) => (isFile(part) ? [`${path}.${field}[${index}].file_id`] : []));
  });
}

const WHOLE = new Set(["message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"]);

/** Whether items of a type say all that they are, so that nobody needs their ids; without one they are messages. Thoughts are asked for by theirs beside the encrypted content. */
export function isWhole(type: unknown): boolean {
  return typeof type !== "string" || WHOLE.has(type);
}

/** Whether an item is not said, but named by its id. */
export function isReference({ type, id, role, content, extra }: ResponseItem): boolean {
  // Source: https://platform.openai.com/docs/guides/image-generation, of images by id.
  if (type === "image_generation_call") return extra["result"] === undefined;
  return type === "item_reference" || (type === undefined && id !== undefined && role === undefined && content === undefined);
}

function isKept(item: ResponseItem, keepsResponses: boolean): boolean {
  return (isReference(item) && !keepsResponses) || Object.entries(item.extra).some(([name, raw]) => NAMES_KEPT.test(`"${name}":${raw}`));
}

function isFile({ fileId, extra }: ResponsePart): boolean {
  return fileId !== undefined || Object.entries(extra).some(([name, raw]) => name !== "annotations" && NAMES_KEPT.test(`"${name}":${raw}`));
}

function withoutFiles(item: ResponseItem): ResponseItem {
  const less = { ...item };
  for (const field of ["content", "output"] as const) {
    const said = item[field]?.content;
    if (said?.$case === "parts") less[field] = { content: { $case: "parts", value: { values: said.value.values.filter((part) => !isFile(part)) } } };
  }
  return less;
}
