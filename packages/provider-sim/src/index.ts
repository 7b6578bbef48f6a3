/**
 * A provider simulator: an HTTP server that speaks the APIs of twelve providers to the letter, answers deterministically, and
 * fails in every way that a provider can, on demand.
 */
export { SIM_PROVIDER_IDS, simBaseUrls } from "./base-urls.ts";
export type { SimProviderId } from "./base-urls.ts";
export type { Behaviour } from "./behaviour.ts";
export { parseBehaviour } from "./directives.ts";
export { LARGE_INTEGER } from "./extras.ts";
export type { ProviderSimOptions } from "./options.ts";
export type { RequestLog, RequestRecord } from "./request-log.ts";
export { createProviderSim } from "./server.ts";
export type { ProviderSim } from "./server.ts";
export { countSimTokens, splitSimTokens } from "./tokens.ts";
