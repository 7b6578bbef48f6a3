import type { IncomingMessage } from "node:http";
import { AlfredError, fail } from "@alfred/errors";
import { header } from "./exchange.ts";

/** The mesh's messages hold 32 MiB; what is larger is refused here, before it travels. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a request's JSON text.
 *
 * @throws AlfredError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, CANCELLED
 */
async function readJsonText(request: IncomingMessage): Promise<string> {
  requireJson(request);
  if (Number(header(request, "content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AlfredError) throw error;
    throw fail("CANCELLED", "The request's body broke off.", { cause: error });
  }
  return Buffer.concat(chunks, size).toString("utf8");
}

/**
 * Reads a request's JSON body with the parser given.
 *
 * @throws AlfredError MALFORMED_BODY, and as `readJsonText`
 */
export async function readJson(request: IncomingMessage, parse: (text: string) => unknown): Promise<unknown> {
  const text = await readJsonText(request);
  try {
    return parse(text);
  } catch (error) {
    const what = error instanceof SyntaxError ? error.message : "it cannot be read";
    throw fail("MALFORMED_BODY", `The body is not valid JSON: ${what}.`);
  }
}

function requireJson(request: IncomingMessage): void {
  const type = (header(request, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const encoding = header(request, "content-encoding") ?? "identity";
  if (/^application\/([\w.-]+\+)?json$/.test(type) && encoding === "identity") return;
  const found = encoding === "identity" ? `content-type "${type}"` : `content-encoding "${encoding}"`;
  throw fail("UNSUPPORTED_MEDIA_TYPE",
    `The body must be plain application/json, not ${found}.`,
  );
}

function tooLarge(): AlfredError {
  return fail("PAYLOAD_TOO_LARGE",
    `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`,
    { metadata: { limit_bytes: String(MAX_BODY_BYTES) } },
  );
}
