import type { Endpoint } from "../dialect.ts";
import { BatchEndpoints } from "./batches.ts";
import { FileStore } from "./file-store.ts";
import { fileEndpoint } from "./files.ts";

/** Finds the endpoint of a method and a path below the API's base; undefined where it is of neither files nor batches. */
export type KeptEndpoints = (method: string, path: string) => Endpoint | undefined;

/** The files and batches that one provider keeps. @param runs what can be asked for in a batch, by its URL */
export function keptEndpoints(runs: Readonly<Record<string, Endpoint>>): KeptEndpoints {
  const files = new FileStore();
  const batches = new BatchEndpoints({ files, runs });
  return (method, path) => fileEndpoint(files, method, path) ?? batches.find(method, path);
}
