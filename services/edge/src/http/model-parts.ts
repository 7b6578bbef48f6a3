import type { GatewayServiceService } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import type { BodyReader } from "./body.ts";

/** What the faces need by which models are asked. */
export interface ModelParts {
  readonly gateway: Client<typeof GatewayServiceService>;
  readonly bodies: BodyReader;
  /** Longest silence on a stream before a comment bridges it, in milliseconds. */
  readonly silenceMs: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}
