import {
  type DeleteFileRequest, type DeleteFileResponse, type GetFileRequest, type GetFileResponse, KeptObjectKind, type ListFilesRequest, type ListFilesResponse,
  type StreamFileContentRequest, type StreamFileContentResponse,
} from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { visit, visited } from "../exchange/visit.ts";
import { dropFile, fileContent, fileOf, tellFile } from "../kept/files.ts";
import type { KeptParts } from "../kept/kept-parts.ts";
import { notKept } from "../kept/own.ts";
import { checkPage } from "./validate.ts";

const FILE = KeptObjectKind.KEPT_OBJECT_KIND_FILE;
const MOST_LISTED = 1_000;

/** Tells of a file of the caller's organisation. */
export function getFile(parts: KeptParts, { id }: GetFileRequest, context: CallContext): Promise<GetFileResponse> {
  return visit(parts, context, (visitor) => tellFile(parts, visitor, id));
}

/** Lists the files of the caller's organisation that their providers have. */
export async function listFiles(parts: KeptParts, { purpose, after, limit, order }: ListFilesRequest, context: CallContext): Promise<ListFilesResponse> {
  const page = checkPage({ limit, order }, MOST_LISTED, MOST_LISTED);
  return visit(parts, context, async ({ organisationId }) => {
    try {
      const { objects, hasMore } = await parts.record.listKeptObjects({ organisationId, kind: FILE, purpose, afterId: after, ...page });
      return { files: objects.map(fileOf), hasMore };
    } catch (error) {
      throw isFailure(error, "NOT_FOUND") ? notKept(FILE, after) : error;
    }
  });
}

/** Deletes a file of the caller's organisation. */
export async function deleteFile(parts: KeptParts, { id }: DeleteFileRequest, context: CallContext): Promise<DeleteFileResponse> {
  await visit(parts, context, (visitor) => dropFile(parts, visitor, id));
  return {};
}

/** Streams what is in a file of the caller's organisation. */
export async function* streamFileContent(parts: KeptParts, { id }: StreamFileContentRequest, context: CallContext): AsyncGenerator<StreamFileContentResponse, void> {
  for await (const content of visited(parts, context, (visitor) => fileContent(parts, visitor, id))) yield { content };
}
