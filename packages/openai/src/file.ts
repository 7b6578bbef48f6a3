import * as contract from "@alfred/contracts";
import { bigInteger, text } from "./field.ts";
import { object } from "./object.ts";

/** A file that is kept, as the Files API tells of it. */
export const file = object(contract.File, { id: text, bytes: bigInteger, createdAt: bigInteger, filename: text, purpose: text, status: text });
