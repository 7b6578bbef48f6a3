import { connect } from "node:net";

/** What came back over a socket, byte for byte. */
export interface RawAnswer {
  readonly head: string;
  /** The body; of a chunked answer, each HTTP chunk by itself. */
  readonly pieces: readonly Buffer[];
  /** Whether the body came to the end that HTTP announced. */
  readonly complete: boolean;
  /** The socket's error code, such as `ECONNRESET`. */
  readonly error: string | undefined;
}

/** The body as text. */
export function rawText(answer: RawAnswer): string {
  return Buffer.concat(answer.pieces).toString();
}

/** The body of a chat request with one user message. */
export function chatBody(content: string, fields: object = {}): string {
  return JSON.stringify({ model: "sim-chat", messages: [{ role: "user", content }], ...fields });
}

/** Posts a chat request over a socket of its own and reads until the server closes it. */
export function postRaw(url: string, body: string, headers: readonly string[] = []): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const lines = [
    "POST /v1/chat/completions HTTP/1.1",
    `Host: ${hostname}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let error: string | undefined;
    const socket = connect(Number(port), hostname);
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      error = cause.code;
    });
    socket.on("close", () => resolve(readAnswer(Buffer.concat(parts), error)));
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  });
}

function readAnswer(bytes: Buffer, error: string | undefined): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  const head = end < 0 ? "" : bytes.subarray(0, end).toString();
  const body = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  if (/transfer-encoding: chunked/i.test(head)) return { head, error, ...readChunks(body) };
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
  return { head, error, pieces: [body], complete: body.length === length };
}

function readChunks(body: Buffer): Pick<RawAnswer, "pieces" | "complete"> {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const lineEnd = body.indexOf("\r\n", at);
    if (lineEnd < 0) break;
    const size = Number.parseInt(body.subarray(at, lineEnd).toString(), 16);
    if (size === 0) return { pieces, complete: true };
    pieces.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return { pieces, complete: false };
}
