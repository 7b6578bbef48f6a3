import type { Charge } from "../../services/gateway/src/domain/charge.ts";
import type { AdmitRequest } from "../../services/gateway/src/leases/lease-input.ts";
import type { Amount } from "../../services/wallet/src/domain/amount.ts";
import { valueOf } from "../../services/wallet/src/domain/amount.ts";
import type { PathSpec } from "../../services/wallet/src/domain/open-account.ts";
import type { RequestPlan } from "./schedule.ts";

export const ORGANISATION = "org";
const TIME_ZONE = "Europe/Zurich";
/** 75 seconds before a day, a week and a month end together in that time zone: Sunday, 31 May 2026. */
export const START_MS = Date.parse("2026-05-31T21:58:45Z");

type Spec = PathSpec["accounts"][number];
type AccountPath = AdmitRequest["path"];
type WireKind = AccountPath["accounts"][number]["kind"];

/** The kinds by their numbers in the contract. */
const WIRE_KINDS: Readonly<Record<Spec["kind"], WireKind>> = {
  organisation: 1,
  department: 2,
  team: 3,
  user: 4,
  service_account: 5,
  key: 6,
};

function account(id: string, kind: Spec["kind"]): Spec {
  return { id, kind, limits: [] };
}

const organisation = account(ORGANISATION, "organisation");
const department = account("dep", "department");
const team = account("team_a", "team");
const otherTeam = account("team_b", "team");
const keys = [account("key_a", "key"), account("key_b", "key"), account("key_c", "key")] as const;

/** Seven accounts, the root first. */
export const TREE: readonly Spec[] = [organisation, department, team, otherTeam, ...keys];

/** The accounts that clients charge, each with all above it: three keys, and a team charged by itself. */
export const PATHS: ReadonlyArray<readonly Spec[]> = [
  [keys[0], team, department, organisation],
  [keys[1], team, department, organisation],
  [keys[2], otherTeam, organisation],
  [otherTeam, organisation],
];

/** The path of a charge, as the wallet takes it. */
export function pathSpec(leaf: number): PathSpec {
  return { organisationId: ORGANISATION, timeZone: TIME_ZONE, accounts: PATHS[leaf % PATHS.length] ?? [] };
}

/** The ids of the path of a leaf account, itself first. */
export function idsAbove(leafId: string): readonly string[] {
  return PATHS.find(([leaf]) => leaf?.id === leafId)?.map(({ id }) => id) ?? [];
}

/** The path as a gateway names it. */
export function accountPath(leaf: number): AccountPath {
  const accounts = (PATHS[leaf % PATHS.length] ?? []).map(({ id, kind }) => ({ id, kind: WIRE_KINDS[kind], initialLimits: [] }));
  return { organisationId: ORGANISATION, timeZone: TIME_ZONE, accounts };
}

export function leafIdOf(leaf: number): string {
  return PATHS[leaf % PATHS.length]?.[0]?.id ?? ORGANISATION;
}

/** The most that a planned request can cost. */
export function chargeOf({ worstNanos, worstTokens }: RequestPlan): Charge {
  return { nanos: BigInt(worstNanos), tokens: BigInt(worstTokens) };
}

/** What it does cost. */
export function costOf({ costPercent }: RequestPlan, { nanos, tokens }: Charge): Charge {
  const percent = BigInt(costPercent);
  return { nanos: (nanos * percent) / 100n, tokens: (tokens * percent) / 100n };
}

/** A gateway's charge as the wallet's amounts, and back. */
export function amountsOf({ nanos, tokens }: Charge): Amount[] {
  return [
    { unit: "usd", value: nanos },
    { unit: "tokens", value: tokens },
  ];
}

export function chargeFrom(amounts: readonly Amount[]): Charge {
  return { nanos: valueOf(amounts, "usd"), tokens: valueOf(amounts, "tokens") };
}

/** A path off the wire, as the wallet takes it. */
export function specOf({ organisationId, timeZone, accounts }: AccountPath): PathSpec {
  const leafId = accounts[0]?.id;
  return { organisationId, timeZone, accounts: PATHS.find(([leaf]) => leaf?.id === leafId) ?? [] };
}
