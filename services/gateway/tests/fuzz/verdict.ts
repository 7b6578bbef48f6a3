import { inspect, isDeepStrictEqual } from "node:util";
import { AttemptOutcome, type UsageRecord, UsageSource } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { StreamedText } from "../../src/domain/streamed-text.ts";
import { estimateAnswer } from "../../src/tokens/estimate.ts";
import { Tokenizer } from "../../src/tokens/tokenizer.ts";
import type { Recording } from "./recording.ts";
import { PRICES, type Told, isCharge } from "./trial.ts";

/** What a recording brings when nothing happens to it. */
export interface Whole {
  readonly recording: Recording;
  /** Chunks without what differs from request to request, and without usage and cost. */
  readonly chunks: readonly string[];
  readonly cost: bigint;
  readonly source: UsageSource;
  /** What is held for it, in nano-dollars. */
  readonly hold: bigint;
}

/** What was done to a stream, and so what may come of it. */
export type Kind =
  /** Nothing that a reader may notice. */
  | "split"
  /** It lost its end. */
  | "cut"
  /** Anything. */
  | "damaged";

const tokenizer = new Tokenizer();

/** The chunks as they are compared: the times and ids that the gateway gives are not told, usage and cost neither. */
export function comparable({ chunks, requestId }: Told): string[] {
  const plain = (name: string, value: unknown): unknown => {
    if (name === "created" || value === requestId) return undefined;
    return typeof value === "bigint" ? String(value) : value;
  };
  return chunks.filter(({ alfred }) => alfred === undefined).map((chunk) => JSON.stringify(chunk, plain));
}

/** What is wrong with what was told and charged, in words; nothing where nothing is. */
export async function faultsOf(kind: Kind, told: Told, records: readonly UsageRecord[], whole: Whole): Promise<string[]> {
  const charges = records.filter(isCharge);
  const [charge] = charges;
  if (charge === undefined || charges.length > 1) return [`${charges.length} records that charge it`, ...faultsOfEnd(told)];
  const others = records.filter((record) => !isCharge(record) && costOf(record) !== 0n).map(({ recordId }) => `the attempt ${recordId} cost something`);
  const isWhole = told.error === undefined;
  const ofKind = isWhole ? faultsOfWhole(kind, told, charge, whole) : faultsOfBroken(kind, told, charge, whole);
  return [...faultsOfEnd(told), ...others, ...ofKind, ...faultsOfCharge(kind, told, charge, whole), ...(await faultsOfCount(kind, told, charge, whole))];
}

function faultsOfEnd({ error, receipts, isOverrun }: Told): string[] {
  const faults: string[] = [];
  if (error !== undefined && !(error instanceof AlfredError)) faults.push(`an error without a type: ${inspect(error)}`);
  if (error instanceof AlfredError && !error.code.startsWith("PROVIDER_")) faults.push(`the error ${error.code}: ${error.message}`);
  if (receipts.length !== (error === undefined ? 1 : 0)) faults.push(`${receipts.length} ends besides ${error === undefined ? "none" : "an error"}`);
  if (isOverrun) faults.push("something after the end");
  return faults;
}

function faultsOfWhole(kind: Kind, told: Told, charge: UsageRecord, whole: Whole): string[] {
  const faults: string[] = [];
  if (charge.outcome !== AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED) faults.push(`an answer on record as ${charge.outcome} ${charge.reason}`);
  if (told.receipts[0]?.cost?.value !== costOf(charge)) faults.push("a receipt of another cost than the record");
  if (kind === "damaged") return faults;
  if (!isDeepStrictEqual(comparable(told), whole.chunks)) faults.push(`other chunks: ${comparable(told).join(" ")}`);
  // The reason of the end was there, the usage behind it was not: counted.
  const isCounted = kind === "cut" && charge.source === UsageSource.USAGE_SOURCE_ESTIMATED;
  if (!isCounted && (costOf(charge) !== whole.cost || charge.source !== whole.source)) faults.push(`a charge of ${costOf(charge)} by ${charge.source} in place of ${whole.cost}`);
  return faults;
}

function faultsOfBroken(kind: Kind, told: Told, charge: UsageRecord, whole: Whole): string[] {
  if (kind === "split") return [`failed: ${inspect(told.error)}`];
  const faults: string[] = [];
  const code = told.error instanceof AlfredError ? told.error.code : "";
  if (charge.reason !== code) faults.push(`the error ${code} on record as ${charge.reason}`);
  const chunks = comparable(told);
  if (kind === "cut" && !isDeepStrictEqual(chunks, whole.chunks.slice(0, chunks.length))) faults.push(`chunks that the whole does not begin with: ${chunks.join(" ")}`);
  if (code === "PROVIDER_TIMEOUT") faults.push("a wait for what cannot come");
  return faults;
}

/** No charge is above the hold, unless the provider itself says that more was used. */
function faultsOfCharge(kind: Kind, { error }: Told, charge: UsageRecord, whole: Whole): string[] {
  const faults: string[] = [];
  const cost = costOf(charge);
  if (cost > whole.hold && !(kind === "damaged" && charge.source === UsageSource.USAGE_SOURCE_REPORTED)) faults.push(`a charge of ${cost} above the hold of ${whole.hold}`);
  if (charge.source === UsageSource.USAGE_SOURCE_NONE && (cost !== 0n || error === undefined)) faults.push(`a charge of ${cost} without a source`);
  return faults;
}

/** What was streamed is charged, and the prompt where the provider may bill it; what the provider had told of either as it told it. */
async function faultsOfCount(kind: Kind, { chunks }: Told, charge: UsageRecord, { recording }: Whole): Promise<string[]> {
  if (charge.source === UsageSource.USAGE_SOURCE_NONE) return chunks.length === 0 ? [] : ["chunks that nothing was charged for"];
  const said = new StreamedText();
  for (const chunk of chunks) said.addChunk(chunk);
  const isWhole = charge.outcome === AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED;
  if (isWhole && charge.source === UsageSource.USAGE_SOURCE_REPORTED) return [];
  const counted = await estimateAnswer(tokenizer, recording.model, said);
  const report = kind === "cut" && !isWhole ? recording.reports?.findLast((each) => each.chunks <= chunks.length) : undefined;
  if (report !== undefined) {
    const due = priceOf({ ...report, completion: counted > report.completion ? counted : report.completion });
    return costOf(charge) === due ? [] : [`a charge of ${costOf(charge)} in place of ${due}, as it had been told`];
  }
  const least = counted * PRICES.output + PRICES.cached;
  return costOf(charge) < least ? [`a charge of ${costOf(charge)} for at least ${least} (${kind})`] : [];
}

/** What a whole recording should have said, against what was. */
export function faultsOfRecording({ name, texts, thoughts, calls, finishReasons, usage }: Recording, told: Told, charge: UsageRecord | undefined): string[] {
  const choices = told.chunks.flatMap((chunk) => chunk.choices);
  const deltas = choices.map(({ delta }) => delta);
  const pieces = deltas.flatMap((delta) => delta?.toolCalls ?? []);
  const said = {
    texts: texts.map((_, index) => choices.filter((choice) => choice.index === index).map(({ delta }) => delta?.content ?? "").join("")),
    thoughts: deltas.map((delta) => delta?.reasoningContent ?? "").join(""),
    calls: calls.map((_, index) => callOf(pieces.filter((piece) => (piece.index ?? 0) === index))),
    finishReasons: choices.flatMap(({ finishReason }) => finishReason ?? []),
    cost: usage === undefined ? costOf(charge) : priceOf(usage),
    source: usage === undefined ? UsageSource.USAGE_SOURCE_ESTIMATED : UsageSource.USAGE_SOURCE_REPORTED,
  };
  const due = { texts, thoughts, calls, finishReasons, cost: costOf(charge), source: charge?.source };
  const shown = (value: unknown): string => JSON.stringify(value, (_name, each: unknown) => (typeof each === "bigint" ? String(each) : each));
  return isDeepStrictEqual(said, due) ? [] : [`${name}, whole: ${shown(said)} in place of ${shown(due)}`];
}

function priceOf({ prompt, cached, completion }: NonNullable<Recording["usage"]>): bigint {
  return (prompt - cached) * PRICES.input + cached * PRICES.cached + completion * PRICES.output;
}

function callOf(pieces: readonly { readonly function?: { readonly name?: string | undefined; readonly arguments?: string | undefined } | undefined }[]): [string, string] {
  const of = (part: "name" | "arguments"): string => pieces.map((piece) => piece.function?.[part] ?? "").join("");
  return [of("name"), of("arguments") || "{}"];
}

/** What a record says that it cost. */
export function costOf(record: UsageRecord | undefined): bigint {
  return record?.cost?.value ?? 0n;
}

