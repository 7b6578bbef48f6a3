import type { IncomingMessage } from "node:http";
import { SimError } from "./sim-error.ts";

function tooLarge(most: number): SimError {
  const message = `The body of your request is larger than ${most} bytes.`;
  return new SimError(413, "too_large", { message, code: "request_too_large", headers: { Connection: "close" } });
}

/** Reads a body of at most `most` bytes. A larger one is a 413; a client that leaves meanwhile rejects. */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const take = (part: Buffer) => {
      size += part.length;
      if (size <= most) parts.push(part);
      else {
        request.off("data", take).resume();
        reject(tooLarge(most));
      }
    };
    request.on("data", take);
    request.once("end", () => {
      const [only] = parts;
      resolve(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
    });
    request.once("error", reject);
  });
}
