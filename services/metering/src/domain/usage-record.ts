import { AttemptOutcome, Unit, type UsageRecord, UsageSource } from "@alfred/contracts";
import { invalid } from "./refusal.ts";

const MAX_RECORDS = 1000;
const MAX_ID = 160;
const MAX_NAME = 256;
const MAX_PATH = 8;
const MAX_METERS = 64;
const MAX_TAGS = 20;
const MAX_TAG = 64;
/** A million dollars, or a quadrillion tokens, in one attempt: more is a mistake, and sums must fit 64 bits. */
const MAX_VALUE = 10n ** 15n;
/** A billion tokens a second: nothing is written faster. */
const MAX_PACE = 1e9;
const METER = /^[a-z][a-z0-9_]{0,63}$/;
const CONTROL = /\p{Cc}/u;

/** A record whose required fields are there and whose values are in range. */
export interface CheckedRecord extends UsageRecord {
  cost: { unit: Unit; value: bigint };
  startTime: Date;
  endTime: Date;
}

/**
 * Checks a batch of 1 to 1,000 records.
 *
 * @throws AlfredError INVALID_ARGUMENT, which names the record and the field
 */
export function checkRecords(records: readonly UsageRecord[]): CheckedRecord[] {
  if (records.length < 1 || records.length > MAX_RECORDS) {
    throw invalid("records", `${records.length} records are not between 1 and ${MAX_RECORDS}`, "Split the batch.");
  }
  return records.map((record, index) => new RecordCheck(record, index).whole());
}

/** One record under examination; every refusal names it by its place and id. */
class RecordCheck {
  readonly #record: UsageRecord;
  readonly #index: number;

  constructor(record: UsageRecord, index: number) {
    this.#record = record;
    this.#index = index;
  }

  whole(): CheckedRecord {
    const { cost, startTime, endTime } = this.#record;
    this.#identity();
    this.#path();
    this.#labels();
    this.#quantities();
    this.#require(this.#record.source !== UsageSource.USAGE_SOURCE_UNSPECIFIED, "source", "is not stated");
    this.#require(this.#record.outcome !== AttemptOutcome.ATTEMPT_OUTCOME_UNSPECIFIED, "outcome", "is not stated");
    if (cost === undefined) throw this.#refusal("cost", "is missing");
    this.#require(cost.unit === Unit.UNIT_USD, "cost.unit", "must be UNIT_USD");
    this.#range("cost.value", cost.value);
    this.#range("first_byte_ms", this.#record.firstByteMs ?? 0n);
    const pace = this.#record.outputTokensPerSecond ?? 0;
    this.#require(pace >= 0 && pace <= MAX_PACE, "output_tokens_per_second", `${pace} is not between 0 and ${MAX_PACE}`);
    const checked = { startTime: this.#time("start_time", startTime), endTime: this.#time("end_time", endTime) };
    this.#require(checked.endTime >= checked.startTime, "end_time", "is before start_time");
    return { ...this.#record, cost, ...checked };
  }

  #identity(): void {
    const { recordId, chargeId, requestId, organisationId, keyId, userId, teamId } = this.#record;
    this.#text("record_id", recordId, 1, MAX_ID);
    this.#text("charge_id", chargeId, 0, MAX_ID);
    this.#text("request_id", requestId, 1, MAX_ID);
    this.#text("organisation_id", organisationId, 1, MAX_ID);
    this.#text("key_id", keyId, 0, MAX_ID);
    this.#text("user_id", userId, 0, MAX_ID);
    this.#text("team_id", teamId, 0, MAX_ID);
  }

  #path(): void {
    const { path, organisationId, keyId, userId, teamId } = this.#record;
    this.#require(path.length >= 1 && path.length <= MAX_PATH, "path", `has ${path.length} accounts, not 1 to ${MAX_PATH}`);
    for (const account of path) this.#text("path", account, 1, MAX_ID);
    this.#require(new Set(path).size === path.length, "path", "names an account twice");
    this.#require(path.at(-1) === organisationId, "path", "must end with organisation_id");
    this.#require(keyId === "" || path[0] === keyId, "path", "must begin with key_id");
    for (const [field, id] of [["user_id", userId], ["team_id", teamId]] as const) {
      this.#require(id === "" || path.includes(id), field, "is not on the path");
    }
  }

  #labels(): void {
    const { operation, requestedModel, provider, model, routeRule, arm, reason, clientRequestId, providerResponseId, tags } = this.#record;
    this.#text("operation", operation, 1, MAX_TAG);
    this.#text("requested_model", requestedModel, 0, MAX_NAME);
    this.#text("provider", provider, 0, MAX_NAME);
    this.#text("model", model, 0, MAX_NAME);
    this.#text("route_rule.id", routeRule?.id ?? "", 0, MAX_TAG);
    this.#text("arm.experiment", arm?.experiment ?? "", 0, MAX_TAG);
    this.#text("arm.arm", arm?.arm ?? "", 0, MAX_TAG);
    this.#text("arm.shadow_of", arm?.shadowOf ?? "", 0, MAX_ID);
    this.#text("reason", reason, 0, MAX_TAG);
    this.#text("client_request_id", clientRequestId, 0, MAX_ID);
    this.#text("provider_response_id", providerResponseId, 0, MAX_NAME);
    const entries = Object.entries(tags);
    this.#require(entries.length <= MAX_TAGS, "tags", `are ${entries.length}, more than ${MAX_TAGS}`);
    for (const [key, value] of entries) {
      this.#text("tags", key, 1, MAX_TAG);
      this.#text("tags", value, 0, MAX_TAG);
    }
  }

  #quantities(): void {
    const { quantities } = this.#record;
    this.#require(quantities.length <= MAX_METERS, "quantities", `are ${quantities.length}, more than ${MAX_METERS}`);
    const meters = quantities.map(({ meter }) => meter);
    this.#require(new Set(meters).size === meters.length, "quantities", "name a meter twice");
    for (const { meter, quantity } of quantities) {
      if (!METER.test(meter)) throw this.#refusal("quantities", `${JSON.stringify(meter.slice(0, MAX_TAG))} is not the name of a meter`);
      this.#range(`quantities of ${meter}`, quantity);
    }
  }

  #time(field: string, time: Date | undefined): Date {
    if (time === undefined) throw this.#refusal(field, "is missing");
    const year = time.getUTCFullYear();
    this.#require(year >= 2000 && year <= 2999, field, "is not a time of this millennium");
    return time;
  }

  #text(field: string, text: string, least: number, most: number): void {
    if (text.length < least || text.length > most) throw this.#refusal(field, `must have ${least} to ${most} characters`);
    this.#require(!CONTROL.test(text) && text.isWellFormed(), field, "contains control characters");
  }

  #range(field: string, value: bigint): void {
    if (value < 0n || value > MAX_VALUE) throw this.#refusal(field, `${value} is not between 0 and ${MAX_VALUE}`);
  }

  #require(holds: boolean, field: string, problem: string): void {
    if (!holds) throw this.#refusal(field, problem);
  }

  #refusal(field: string, problem: string): Error {
    const id = JSON.stringify(this.#record.recordId.slice(0, MAX_ID));
    return invalid(`records[${this.#index}].${field}`, `${problem} (record ${id})`, "Correct or drop this record; none of the batch was kept.");
  }
}
