import type { ProviderRequest, Target } from "../dialect.ts";

/** Makes a request to an endpoint: "/chat/completions". */
export type Asking = (target: Target, path: string, body: ProviderRequest["body"], files?: ProviderRequest["files"]) => ProviderRequest;
