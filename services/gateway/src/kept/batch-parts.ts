import type { MeteringServiceService, WalletServiceService } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { KeptParts } from "./kept-parts.ts";

/** What batches are served with. Their money is held by the wallet itself, since it outlives every gateway. */
export interface BatchParts extends KeptParts, ExchangeParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly metering: Client<typeof MeteringServiceService>;
}
