import type { KeptObjectServiceService } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { VisitParts } from "../exchange/visit.ts";

/** What files are served with. */
export interface KeptParts extends VisitParts, Pick<ExchangeParts, "provider"> {
  readonly record: Client<typeof KeptObjectServiceService>;
}
