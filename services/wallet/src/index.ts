/** The wallet, for whoever composes the mesh. */
export { readWalletConfig } from "./config.ts";
export type { WalletConfig } from "./config.ts";
export type { WalletParts } from "./context.ts";
export { createWalletService } from "./service.ts";
export type { WalletService } from "./service.ts";
