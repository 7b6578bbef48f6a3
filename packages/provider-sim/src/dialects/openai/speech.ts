import type { Call, Endpoint, Frame } from "../../dialect.ts";
import { invalidType, invalidValue, isObject, missing, optionalNumber, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens, splitSimTokens } from "../../tokens.ts";

const TYPES: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg", opus: "audio/opus", aac: "audio/aac", flac: "audio/flac", wav: "audio/wav", pcm: "audio/pcm",
};
const MOST_CHARACTERS = 4_096;
/** A word is said in half a second, which takes ten tokens of sound. */
const TOKENS_PER_WORD = 10;
const BYTES_PER_WORD = 480;

/** A request for speech that OpenAI would accept. */
interface SpeechAsk {
  readonly model: string;
  readonly input: string;
  readonly contentType: string;
  readonly events: boolean;
}

/** The endpoint that speaks: each word is as many bytes of its own first letter. Source: https://platform.openai.com/docs/api-reference/audio/createSpeech */
export function speechEndpoint(read: (call: Call) => JsonObject): Endpoint {
  return {
    name: "speech",
    prepare(call) {
      const { model, input, contentType, events } = readAsk(read(call));
      return {
        model,
        stream: events,
        text: input,
        answer({ noUsage }) {
          const [prompt, completion] = [countSimTokens(input), countSimTokens(input) * TOKENS_PER_WORD];
          const spent = { prompt, completion };
          const words = splitSimTokens(input).map(soundOf);
          if (!events) return { kind: "bytes", contentType, bytes: Buffer.concat(words), spent };
          const usage = { input_tokens: prompt, output_tokens: completion, total_tokens: prompt + completion };
          return { kind: "stream", frames: frames(words, noUsage ? undefined : usage), spent };
        },
      };
    },
  };
}

function readAsk(body: JsonObject): SpeechAsk {
  const model = requiredString(body, "model");
  const input = requiredString(body, "input");
  if (input.length > MOST_CHARACTERS) throw invalidRequest(`String should have at most ${MOST_CHARACTERS} characters`, "input");
  checkVoice(body["voice"]);
  optionalNumber(body, "speed", 0.25, 4);
  const { response_format: format = "mp3", stream_format: stream = "audio" } = body;
  const contentType = typeof format === "string" ? TYPES[format] : undefined;
  if (contentType === undefined) throw invalidValue("response_format", Object.keys(TYPES).join(", "));
  if (stream !== "audio" && stream !== "sse") throw invalidValue("stream_format", "audio or sse");
  if (stream === "sse" && model.startsWith("tts-1")) throw invalidRequest(`Model '${model}' does not support stream_format 'sse'.`, "stream_format");
  return { model, input, contentType, events: stream === "sse" };
}

function checkVoice(voice: unknown): void {
  if (voice === undefined || voice === null) throw missing("voice");
  if (typeof voice !== "string" && !isObject(voice)) throw invalidType("voice", "a string or an object");
}

function soundOf(word: string): Buffer {
  return Buffer.alloc(BYTES_PER_WORD, word.trim()[0] ?? " ");
}

function* frames(words: readonly Buffer[], usage: object | undefined): Generator<Frame, void, undefined> {
  for (const word of words) yield JSON.stringify({ type: "speech.audio.delta", audio: word.toString("base64") });
  yield JSON.stringify({ type: "speech.audio.done", ...(usage && { usage }) });
}
