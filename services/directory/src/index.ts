/** The directory, for whoever composes the mesh: who there is, their keys, and where requests can go. */
export { readDirectoryConfig } from "./config.ts";
export type { DirectoryConfig } from "./config.ts";
export type { DirectoryParts } from "./context.ts";
export type { Demo, DemoTerms } from "./seed/demo.ts";
export { ConfigFileError } from "./given/config-file-error.ts";
export { SeedError } from "./seed/environment-key.ts";
export { KNOWN_PROVIDERS, providerVariables } from "./domain/known-providers.ts";
export type { Upstream } from "./given/given.ts";
export { createDirectoryService, DirectoryService } from "./service.ts";
