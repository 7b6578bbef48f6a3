import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the pinned Node and pnpm live; ignored by git, safe to remove. */
export const toolsFolder = join(root, ".tools");
