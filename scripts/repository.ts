import { fileURLToPath } from "node:url";

/** The root of the repository, as an absolute path without a trailing separator. */
export const repositoryRoot: string = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
