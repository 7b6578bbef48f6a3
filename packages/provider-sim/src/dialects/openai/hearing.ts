import type { Answer, Call, Endpoint, Frame, Stamp } from "../../dialect.ts";
import type { Form } from "../../form-fields.ts";
import { invalidType, invalidValue, isArray, missing, requiredString } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens, splitSimTokens } from "../../tokens.ts";
import { unknownFields } from "../../unknown-fields.ts";

const FIELDS = new Set([
  "model", "language", "languages", "keywords", "prompt", "response_format", "temperature", "timestamp_granularities", "include", "chunking_strategy", "known_speaker_names",
  "known_speaker_references", "stream",
]);
const TRANSLATION_FIELDS = new Set(["model", "prompt", "response_format", "temperature"]);
const ENDINGS = /\.(?:flac|mp3|mp4|mpeg|mpga|m4a|ogg|wav|webm)$/i;
const WHISPER_FORMATS = ["json", "text", "srt", "verbose_json", "vtt"];
const TOKENS_PER_SECOND = 10;
/** What a second takes of a file that is no WAV. */
const BYTES_PER_SECOND = 1_000;

/** A transcript as OpenAI writes it, before it is written in a provider's form. */
interface Told {
  readonly text: string;
  readonly usage?: object | undefined;
}

/** What a transcript was made from. */
interface Facts {
  readonly model: string;
  /** Begun seconds whole. */
  readonly seconds: number;
  /** Tokens of the text. */
  readonly tokens: number;
}

/** How a provider takes sound, and tells what it heard. */
export interface HearingWire {
  read(call: Call): Form;
  readonly translates?: boolean;
  /** Refuses what the provider does not know; OpenAI's own rules unless it says so. @throws SimError */
  check?(form: Form): void;
  /** A transcript in JSON; OpenAI's unless it says so. */
  write?(told: Told, stamp: Stamp, facts: Facts): object;
}

/** The endpoint that writes down what it hears. Source: https://platform.openai.com/docs/api-reference/audio/createTranscription */
export function transcriptionsEndpoint(wire: HearingWire): Endpoint {
  return hearingEndpoint("transcriptions", wire, (form) => checkOpenAi(form, FIELDS, formatsOf(String(form.fields["model"]))));
}

/** The same in English. Source: https://platform.openai.com/docs/api-reference/audio/createTranslation */
export function translationsEndpoint(wire: HearingWire): Endpoint {
  return hearingEndpoint("translations", wire, (form) => checkOpenAi(form, TRANSLATION_FIELDS, WHISPER_FORMATS));
}

function hearingEndpoint(name: string, wire: HearingWire, check: (form: Form) => void): Endpoint {
  return {
    name,
    prepare(call) {
      const form = wire.read(call);
      const [file] = form.files["file"] ?? [];
      if (file === undefined) throw missing("file");
      const model = requiredString(form.fields, "model");
      (wire.check ?? check)(form);
      if (file.bytes.length === 0 || !ENDINGS.test(file.filename)) throw invalidRequest("Unrecognized file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']", "file");
      const { prompt } = form.fields;
      // The model that does not stream ignores the wish.
      const streams = form.fields["stream"] === "true" && !isWhisper(model);
      const exact = lengthOf(file.bytes);
      const text = `I heard ${Math.ceil(exact)} seconds of ${name === "translations" ? "English" : "sound"}.`;
      const facts = { model, seconds: Math.ceil(exact), tokens: countSimTokens(text) };
      return {
        model, stream: streams, text: `${typeof prompt === "string" ? prompt : ""} ${file.filename}`,
        answer: ({ noUsage }, stamp) => answerOf({ form, wire, text, exact, facts, stamp, streams, usage: noUsage === true ? undefined : usageOf(facts) }),
      };
    },
  };
}

interface Hearing {
  readonly form: Form;
  readonly wire: HearingWire;
  readonly text: string;
  readonly exact: number;
  readonly facts: Facts;
  readonly stamp: Stamp;
  readonly streams: boolean;
  readonly usage: object | undefined;
}

function answerOf({ form, wire, text, exact, facts, stamp, streams, usage }: Hearing): Answer {
  const spent = { prompt: facts.seconds * TOKENS_PER_SECOND, completion: facts.tokens };
  const { response_format: format = "json" } = form.fields;
  if (streams) return { kind: "stream", frames: frames(text, usage), spent };
  const plain = textIn(String(format), text, exact);
  if (plain !== undefined) return { kind: "bytes", contentType: "text/plain; charset=utf-8", bytes: Buffer.from(plain), spent };
  const verbose = format === "json" ? {} : { task: "transcribe", language: "english", duration: exact, segments: [segment(text, exact)] };
  const told = { ...verbose, text, ...(usage && { usage }) };
  return { kind: "body", json: JSON.stringify(wire.write?.(told, stamp, facts) ?? told), spent };
}

function textIn(format: string, text: string, seconds: number): string | undefined {
  const [from, to] = [timeOf(0), timeOf(seconds)];
  if (format === "text") return `${text}\n`;
  if (format === "srt") return `1\n${from.replace(".", ",")} --> ${to.replace(".", ",")}\n${text}\n\n`;
  return format === "vtt" ? `WEBVTT\n\n${from} --> ${to}\n${text}\n\n` : undefined;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(11, 23);
}

function* frames(text: string, usage: object | undefined): Generator<Frame, void, undefined> {
  for (const delta of splitSimTokens(text)) yield JSON.stringify({ type: "transcript.text.delta", delta });
  yield JSON.stringify({ type: "transcript.text.done", text, ...(usage && { usage }) });
}

function usageOf({ model, seconds, tokens }: Facts): object {
  if (isWhisper(model) || model === "gpt-transcribe") return { type: "duration", seconds };
  const input = seconds * TOKENS_PER_SECOND;
  return { type: "tokens", total_tokens: input + tokens, input_tokens: input, input_token_details: { text_tokens: 0, audio_tokens: input }, output_tokens: tokens };
}

function isWhisper(model: string): boolean {
  return model.includes("whisper");
}

function formatsOf(model: string): readonly string[] {
  if (isWhisper(model)) return WHISPER_FORMATS;
  return model.includes("diarize") ? ["json", "text", "diarized_json"] : ["json"];
}

function checkOpenAi({ fields }: Form, known: ReadonlySet<string>, formats: readonly string[]): void {
  const [name] = unknownFields(fields, known);
  if (name !== undefined) throw invalidRequest(`Unknown parameter: '${name}'.`, name, "unknown_parameter");
  const { response_format: format = "json", temperature = "0", timestamp_granularities: times } = fields;
  if (!formats.includes(String(format))) throw invalidRequest(`response_format '${String(format)}' is not compatible with model '${String(fields["model"])}'.`, "response_format", "unsupported_value");
  if (!(Number(temperature) >= 0 && Number(temperature) <= 1)) throw invalidValue("temperature", "a number from 0 to 1");
  if (times !== undefined && !isArray(times)) throw invalidType("timestamp_granularities", "an array");
  if (times !== undefined && format !== "verbose_json") throw invalidRequest("timestamp_granularities requires response_format verbose_json.", "timestamp_granularities");
}

/** Of a WAV as its head says, of others by their size; in seconds. */
function lengthOf(bytes: Buffer): number {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.length < 44) return bytes.length / BYTES_PER_SECOND;
  const perSecond = bytes.readUInt32LE(28);
  if (perSecond === 0) throw invalidRequest("Audio file might be corrupted or unsupported", "file");
  return (bytes.length - 44) / perSecond;
}

/** All that is said, as one segment. Source: https://platform.openai.com/docs/api-reference/audio/verbose-json-object */
function segment(text: string, end: number): object {
  return { id: 0, seek: 0, start: 0, end, text, tokens: [], temperature: 0, avg_logprob: -0.25, compression_ratio: 1, no_speech_prob: 0.01 };
}
