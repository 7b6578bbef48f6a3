import type { FileUpload } from "@alfred/contracts";
import { invalidField, writeFile } from "@alfred/openai";
import { BytesWriter } from "../http/bytes.ts";
import { header, sendJson, type Exchange } from "../http/exchange.ts";
import type { Form } from "../http/form.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import { requireFile } from "./file.ts";
import { listOf, pageOf } from "./pages.ts";

/** POST /v1/files: a form with `purpose` and `file`. */
export async function createFile({ gateway, bodies }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const upload = uploadOf(await bodies.readForm(exchange.request));
  const { file, provider } = await gateway.createFile({ call, provider: header(exchange.request, "x-alfred-provider") ?? "", upload }, options);
  sendJson(exchange.response, 200, file && writeFile(file), { "x-alfred-provider": encodeURI(provider) });
}

/** GET /v1/files, newest first. */
export async function listFiles({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { query, response } = exchange;
  const request = { purpose: query.get("purpose") ?? "", after: query.get("after") ?? "", ...pageOf(query) };
  const { files, hasMore } = await gateway.listFiles(request, callOptions(exchange));
  sendJson(response, 200, listOf(files.map(({ id }) => id), files.map(writeFile), hasMore));
}

/** GET /v1/files/{file}. */
export async function getFile({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { file, provider } = await gateway.getFile({ id: exchange.params["file"] ?? "" }, callOptions(exchange));
  sendJson(exchange.response, 200, file && writeFile(file), { "x-alfred-provider": encodeURI(provider) });
}

/** DELETE /v1/files/{file}. */
export async function deleteFile({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const id = exchange.params["file"] ?? "";
  await gateway.deleteFile({ id }, callOptions(exchange));
  sendJson(exchange.response, 200, { id, object: "file", deleted: true });
}

/** GET /v1/files/{file}/content, as it comes; what fails after the first of it breaks the connection off. */
export async function fileContent({ gateway, timeoutMs }: ModelParts, exchange: Exchange): Promise<void> {
  const { response, signal } = exchange;
  const bytes = new BytesWriter(response, { timeoutMs, signal });
  for await (const { content } of gateway.streamFileContent({ id: exchange.params["file"] ?? "" }, callOptions(exchange))) {
    if (!response.headersSent) bytes.start({ "content-type": "application/octet-stream" });
    const room = bytes.write(content);
    if (room !== undefined) await room;
  }
  if (!response.headersSent) response.setHeader("content-type", "application/octet-stream");
  response.end();
}

/** @throws AlfredError INVALID_ARGUMENT */
function uploadOf(form: Form): FileUpload {
  const { purpose, ...rest } = form.json;
  const { filename, content, contentType } = requireFile(form, "file");
  if (typeof purpose !== "string") throw invalidField("purpose", "a string");
  const extra = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)]));
  return { filename, purpose, content, contentType, extra };
}
