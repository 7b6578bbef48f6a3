import type { IncomingHttpHeaders } from "node:http";

const CREDENTIALS = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie"] as const;

/** Shorter secrets are hidden whole: four characters would be too much of them. */
const SHORTEST_SHOWN = 12;

function redacted(value: string): string {
  const space = value.lastIndexOf(" ");
  const secret = value.slice(space + 1);
  const shown = secret.length < SHORTEST_SHOWN ? "" : secret.slice(-4);
  return `${value.slice(0, space + 1)}***${shown}`;
}

/** A path whose query has its `key`, where Google takes one, cut likewise. */
export function redactPath(path: string): string {
  return path.includes("key=") ? path.replace(/([?&]key=)([^&]*)/g, (_, name: string, secret: string) => name + redacted(secret)) : path;
}

/** A copy of the headers with every credential cut to its last four characters. */
export function redactHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const copy = { ...headers };
  for (const name of CREDENTIALS) {
    const value = copy[name];
    if (typeof value === "string") copy[name] = redacted(value);
  }
  return copy;
}
