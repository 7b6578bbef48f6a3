import type { Call, Endpoint } from "../dialect.ts";
import { invalidValue, missing } from "../json-fields.ts";
import { invalidRequest } from "../sim-error.ts";
import type { FileStore, SimFile } from "./file-store.ts";
import { readForm } from "./form.ts";
import { notThere, pageOf } from "./page.ts";
import { told } from "./told.ts";

const PURPOSES = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];
const PAGE = { usual: 10_000, most: 10_000 };
const FIELDS = new Set(["purpose", "file", "expires_after[anchor]", "expires_after[seconds]"]);

/**
 * The endpoints of files; undefined where a path is none of theirs. Expiry is taken and not heeded.
 *
 * Source: https://platform.openai.com/docs/api-reference/files
 */
export function fileEndpoint(files: FileStore, method: string, path: string): Endpoint | undefined {
  if (path === "/files" && method === "POST") return told("file_upload", (call, { nowMs }) => fileJson(upload(files, call, nowMs)));
  if (path === "/files" && method === "GET") return told("file_list", ({ search }) => listJson(files, search));
  const [, id, content] = /^\/files\/([^/]+)(\/content)?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  if (content !== undefined) return method === "GET" ? contentEndpoint(files, id) : undefined;
  if (method === "GET") return told("file", () => fileJson(fileOf(files, id)));
  return method === "DELETE" ? told("file_delete", () => deletedJson(files, id)) : undefined;
}

/** @throws SimError 404 */
function fileOf(files: FileStore, id: string): SimFile {
  const file = files.get(id);
  if (file === undefined) throw notThere(id);
  return file;
}

function upload(files: FileStore, { headers, bytes }: Call, nowMs: number): SimFile {
  const parts = readForm(headers["content-type"] ?? "", bytes);
  const unknown = parts.find(({ name }) => !FIELDS.has(name));
  if (unknown !== undefined) throw invalidRequest(`Unknown parameter: '${unknown.name}'.`, unknown.name, "unknown_parameter");
  const purpose = parts.find(({ name }) => name === "purpose")?.content.toString();
  if (purpose === undefined) throw missing("purpose");
  if (!PURPOSES.includes(purpose)) throw invalidValue("purpose", PURPOSES.join(", "));
  const file = parts.find(({ name, filename }) => name === "file" && filename !== undefined);
  if (file?.filename === undefined) throw missing("file");
  if (purpose === "batch" && !file.filename.endsWith(".jsonl")) throw invalidRequest("Invalid file format. Batch files must be .jsonl.", "file");
  return files.add({ filename: file.filename, purpose, content: file.content, createdAt: Math.floor(nowMs / 1_000) });
}

function contentEndpoint(files: FileStore, id: string): Endpoint {
  return {
    name: "file_content",
    prepare: () => ({
      model: null, stream: false, text: "",
      answer: () => ({ kind: "bytes", contentType: "application/octet-stream", bytes: fileOf(files, id).content }),
    }),
  };
}

function listJson(files: FileStore, search: string): object {
  const purpose = new URLSearchParams(search).get("purpose");
  const { items, hasMore } = pageOf(files.all().filter((file) => purpose === null || file.purpose === purpose), search, PAGE);
  return { object: "list", data: items.map(fileJson), first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null, has_more: hasMore };
}

function deletedJson(files: FileStore, id: string): object {
  if (!files.delete(id)) throw notThere(id);
  return { id, object: "file", deleted: true };
}

function fileJson({ id, filename, purpose, content, createdAt }: SimFile): object {
  return { id, object: "file", bytes: content.length, created_at: createdAt, expires_at: null, filename, purpose, status: "processed", status_details: null };
}
