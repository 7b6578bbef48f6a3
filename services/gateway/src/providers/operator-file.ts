import { isObject } from "@alfred/openai";
import { type Json, textOf } from "./loose-json.ts";

/** What tools are called with, and what they answer, is the client's affair. */
const OF_CLIENT = new Set(["input", "args", "arguments", "response"]);
/** The fields in which providers have their files named: by an id, or by an address of their own. */
const NAMES = ["file_id", "fileId", "fileUri", "file_uri"];
/** No part of a message is nested as deep. */
const MOST_NESTED = 16;

/**
 * Whether a part of a message names a file that the provider keeps. The account there is the operator's, so that no client
 * owns one, and any could name another's: it is never sent, whoever the provider is.
 */
export function namesKeptFile(part: Json, depth = 0): boolean {
  if (NAMES.some((name) => isKept(textOf(part[name])))) return true;
  const within = Object.entries(part).flatMap(([name, value]): unknown[] => (OF_CLIENT.has(name) ? [] : Array.isArray(value) ? value : [value]));
  return within.filter(isObject).some((each) => depth >= MOST_NESTED || namesKeptFile(each, depth + 1));
}

function isKept(name: string | undefined): boolean {
  return name !== undefined && name !== "" && !isPublic(name);
}

/** Whether an address can be fetched by anybody, and so is no provider's own. */
export function isPublic(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return (url?.protocol === "https:" || url?.protocol === "http:") && !/(?:^|\.)googleapis\.com\.?$/.test(url.hostname);
}
