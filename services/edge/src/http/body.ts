import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { AlfredError, fail } from "@alfred/errors";
import { isObject, parseJson } from "@alfred/openai";
import { header } from "./exchange.ts";
import { type Form, type FormKinds, toForm } from "./form.ts";
import { jsonFault } from "./json-fault.ts";
import { boundaryOf, readMultipart } from "./multipart.ts";

/** The mesh's messages hold 32 MiB; what is larger is refused here, before it travels. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Bytes of bodies that may be on their way in at once, over all requests. */
const MAX_BUFFERED_BYTES = 512 * 1024 * 1024;

const DROP_HEADER = "x-alfred-drop-unsupported";

/** Reads the bodies of requests, JSON and forms, within a bound for each and one for all together. */
export class BodyReader {
  #bufferedBytes = 0;

  /**
   * Reads a request's JSON body with the parser given.
   *
   * @throws AlfredError MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, OVERLOADED, CANCELLED
   */
  async read(request: IncomingMessage, parse: (text: string) => unknown): Promise<unknown> {
    requireJson(request);
    const bytes = await this.#bytes(request);
    if (!isUtf8(bytes)) throw fail("MALFORMED_BODY", "The body is not valid UTF-8.");
    const text = bytes.toString("utf8");
    try {
      const json = parse(text);
      if (!text.includes(ESCAPED) || !LONE_SURROGATE.test(text) || isWellFormed(json)) return json;
    } catch {
      throw notJson(text);
    }
    throw fail("MALFORMED_BODY", "The body is not valid JSON: it has half a surrogate pair.");
  }

  /**
   * Reads what is asked of a model. Clients that cannot add to their bodies send the option `drop_unsupported` as a header.
   *
   * @throws AlfredError as `read` does
   */
  async readAsked(request: IncomingMessage): Promise<unknown> {
    return withOption(request, await this.read(request, parseJson));
  }

  /**
   * Reads a request's body where it is a form, multipart/form-data. Its files are views of the bytes that were read.
   *
   * @param kinds which of its fields are no text
   * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, OVERLOADED, CANCELLED
   */
  async readForm(request: IncomingMessage, kinds: FormKinds = {}): Promise<Form> {
    const boundary = requireForm(request);
    return toForm(readMultipart(await this.#bytes(request), boundary), kinds);
  }

  /**
   * Reads what is asked of a model with files, as `readAsked` does.
   *
   * @throws AlfredError as `readForm` does
   */
  async readAskedForm(request: IncomingMessage, kinds: FormKinds): Promise<Form> {
    const { json, files } = await this.readForm(request, { ...kinds, drop_unsupported: "flag" });
    return { json: withOption(request, json), files };
  }

  async #bytes(request: IncomingMessage): Promise<Buffer> {
    if (Number(header(request, "content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      this.#bufferedBytes += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      if (this.#bufferedBytes > MAX_BUFFERED_BYTES) throw fail("OVERLOADED", "Too many large bodies arrive at once.");
      chunks.push(chunk);
    };
    try {
      await eachPiece(request, take);
    } catch (error) {
      if (error instanceof AlfredError) throw error;
      throw fail("CANCELLED", "The request's body broke off.", { cause: error });
    } finally {
      this.#bufferedBytes -= size;
    }
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
  }
}

/** What is asked, with the option that stands in a header. */
function withOption<Json>(request: IncomingMessage, json: Json): Json {
  const option = header(request, DROP_HEADER);
  if (option === undefined || !isObject(json)) return json;
  // Any other word is refused as it would be in the body.
  return { drop_unsupported: new Map<string, unknown>([["true", true], ["false", false]]).get(option) ?? option, ...json };
}

/** Hands over what comes until it ends, breaks off, or is refused. Not by iteration, which costs every body several turns. */
function eachPiece(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
    } catch (error) {
      request.off("data", onData).pause();
      reject(error);
    }
  };
  const onClose = (): void => {
    if (!request.readableEnded) reject(new Error("The connection was closed."));
  };
  request.on("data", onData).on("end", resolve).on("error", reject).on("close", onClose);
  if (request.closed) onClose();
  return promise;
}

/** What is looked for first, since hardly a body has it. */
const ESCAPED = "\\u";
/** An escape that may be half of a pair: cheap to look for, so that whole bodies need not be walked. */
const LONE_SURROGATE = /\\u[dD][89a-fA-F]/;

/** Whether every string in it can be UTF-8; half a pair would be replaced on the way, and nothing sent is altered. */
function isWellFormed(json: unknown): boolean {
  if (typeof json === "string") return json.isWellFormed();
  if (typeof json !== "object" || json === null) return true;
  return Object.entries(json).every(([name, value]) => name.isWellFormed() && isWellFormed(value));
}

/** Says where, and never what stands there: it may be a secret. */
function notJson(text: string): AlfredError {
  const fault = jsonFault(text);
  if (fault === undefined) return fail("MALFORMED_BODY", "The body is nested too deeply to be read.");
  const { line, column, expected } = fault;
  return fail("MALFORMED_BODY", `The body is not valid JSON: at line ${line}, column ${column}, there must be ${expected}.`);
}

/** The boundary of the form that a body is. */
function requireForm(request: IncomingMessage): string {
  const encoding = header(request, "content-encoding") ?? "identity";
  const boundary = encoding === "identity" ? boundaryOf(header(request, "content-type") ?? "") : undefined;
  if (boundary !== undefined) return boundary;
  const wrong = encoding === "identity" ? "content-type" : "content-encoding";
  throw fail("UNSUPPORTED_MEDIA_TYPE", `The body must be multipart/form-data with a boundary, not compressed; its \`${wrong}\` says otherwise.`, {
    hint: "Leave the header `content-type` to your HTTP client: it names the boundary that it writes.", metadata: { field: wrong },
  });
}

function requireJson(request: IncomingMessage): void {
  const type = (header(request, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const encoding = header(request, "content-encoding") ?? "identity";
  const [, charset = "utf-8"] = /charset="?([^";\s]+)/i.exec(header(request, "content-type") ?? "") ?? [];
  const isText = encoding === "identity" && /^utf-?8$/i.test(charset);
  if (isText && /^application\/([\w.-]+\+)?json$/.test(type)) return;
  const wrong = encoding === "identity" ? "content-type" : "content-encoding";
  throw fail("UNSUPPORTED_MEDIA_TYPE", `The body must be application/json in UTF-8, not compressed; its \`${wrong}\` says otherwise.`, {
    metadata: { field: wrong },
  });
}

function tooLarge(): AlfredError {
  return fail("PAYLOAD_TOO_LARGE",
    `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`,
    { metadata: { limit_bytes: String(MAX_BODY_BYTES) } },
  );
}
