import { once } from "node:events";
import type { JsonValue } from "@bufbuild/protobuf";
import { asAlfredError, errorBody } from "../http/error-answer.ts";
import type { Exchange } from "../http/exchange.ts";

/**
 * Answers with a stream of JSON, one message a line. A failure before the first
 * line is an ordinary error answer; after it, it is the last line.
 */
export async function writeLines(exchange: Exchange, messages: AsyncIterable<JsonValue>): Promise<void> {
  const { response, signal, requestId } = exchange;
  try {
    for await (const message of messages) {
      if (!response.headersSent) response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
      if (!response.write(`${JSON.stringify(message)}\n`)) await once(response, "drain", { signal });
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    response.write(`${JSON.stringify(errorBody(asAlfredError(error), requestId))}\n`);
  }
  response.end();
}
