import type { UsageDimension } from "@alfred/contracts";

/** What a query groups by, checked. */
export type Dimension = Exclude<UsageDimension, typeof UsageDimension.USAGE_DIMENSION_UNSPECIFIED | typeof UsageDimension.UNRECOGNIZED>;

/** Which usage to sum, and how; nothing left open. Filters that are undefined do not filter. */
export interface UsageQuery {
  organisationId: string;
  accountId: string | undefined;
  keyId: string | undefined;
  userId: string | undefined;
  teamId: string | undefined;
  model: string | undefined;
  provider: string | undefined;
  routeRule: string | undefined;
  experiment: string | undefined;
  arm: string | undefined;
  tagKey: string | undefined;
  tagValue: string | undefined;
  startTime: Date;
  endTime: Date;
  groupBy: Dimension[];
  pageSize: number;
  /** The group that the last page ended with. */
  after: string[] | undefined;
}
