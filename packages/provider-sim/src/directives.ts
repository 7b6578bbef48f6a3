import type { IncomingHttpHeaders } from "node:http";
import { behaviourFrom } from "./behaviour.ts";
import type { Behaviour } from "./behaviour.ts";
import { invalidRequest } from "./sim-error.ts";

const OPENING = "[[sim:";
const DIRECTIVE = /\[\[sim:([^\]]*)\]\]/g;
const HEADER = "x-sim-";

/**
 * Reads a list such as `delay_ms=500 tokens=40 no_done`: pairs apart by spaces or commas, a bare name meaning 1.
 * Throws an `Error` that names what it could not read.
 */
export function parseBehaviour(list: string, base: Behaviour = {}): Behaviour {
  const pairs = list
    .split(/[\s,]+/)
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return behaviourFrom(pairs, base);
}

/** The text without its directives, and without the white space that they leave at its ends. */
export function withoutDirectives(text: string): string {
  return text.includes(OPENING) ? text.replace(DIRECTIVE, "").trim() : text.trim();
}

function headerPairs(headers: IncomingHttpHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (const name in headers) {
    if (!name.startsWith(HEADER)) continue;
    pairs.push([name.slice(HEADER.length).replaceAll("-", "_"), String(headers[name])]);
  }
  return pairs;
}

function readBehaviour(base: Behaviour, headers: IncomingHttpHeaders, text: string): Behaviour {
  const pairs = headerPairs(headers);
  let behaviour = pairs.length === 0 ? base : behaviourFrom(pairs, base);
  if (!text.includes(OPENING)) return behaviour;
  for (const match of text.matchAll(DIRECTIVE)) behaviour = parseBehaviour(match[1] ?? "", behaviour);
  return behaviour;
}

/**
 * The behaviour of one request: the server's, overlaid with its `x-sim-*` headers, overlaid with the directives in its
 * text. What cannot be read is a 400, so that a misspelt fault never passes for a success.
 */
export function requestBehaviour(base: Behaviour, headers: IncomingHttpHeaders, text: string): Behaviour {
  try {
    return readBehaviour(base, headers, text);
  } catch (error) {
    throw invalidRequest(error instanceof Error ? error.message : String(error), null, "invalid_directive");
  }
}
