import type { AccountPath, AppliedRouteRule, AssignedArm } from "@alfred/contracts";

/** Where a copy of a request goes, and under which name. */
export interface ShadowOrder {
  readonly model: string;
  readonly rule: AppliedRouteRule | undefined;
  readonly arm: AssignedArm;
  readonly account: AccountPath;
}

/** A shadow under way. */
export interface ShadowRun extends ShadowOrder {
  /** Says that there is money for it, so that from now on it is on record. */
  admitted(): void;
}
