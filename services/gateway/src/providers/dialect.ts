import type { ChatCompletion, ChatCompletionChunk, ChatRequest, CompletionRequest, EmbeddingList, EmbeddingRequest, ImageRequest, MediaFile, MessageRequest, ModerationRequest, ResponseRequest, SpeechRequest, TokenUsage, Transcription, TranscriptionRequest, TranslationRequest } from "@alfred/contracts";
import type { PreparedRequest } from "../domain/provider-port.ts";
import type { UsageReports } from "../domain/usage-reports.ts";

/** Where a call goes, and with what right. */
export interface Target {
  /** Where the provider's API is, without a slash at the end. */
  readonly baseUrl: string;
  /** The key to call it with, empty where it needs none. */
  readonly secret: string;
  /** The model as the provider names it. */
  readonly model: string;
  /** The version of its API to ask for, empty or absent for the dialect's default; Azure's alone has one. */
  readonly apiVersion?: string;
}

/** A file as it is sent in a form. */
export interface RequestFile {
  /** The field's name, brackets included. */
  readonly field: string;
  readonly filename: string;
  /** Empty where nothing is said. */
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A request as it is sent: a POST of JSON, or of a form. */
export interface ProviderRequest {
  /** The whole URL, its query included. */
  readonly url: string;
  /** Names in small letters; those that every call has, as content-type, are added by whoever sends it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Sent along with the body's fields as multipart/form-data; JSON is sent where there is no list. */
  readonly files?: readonly RequestFile[];
}

/** What became of a request on its way into a dialect. */
export interface Mapped {
  readonly request: ProviderRequest;
  /** Fields of the client's request that the provider cannot serve, as the client named them: "logprobs", "messages[2].content[0].input_audio". */
  readonly unsupported: readonly string[];
}

/** What a refusal says. */
export interface Refusal {
  readonly status: number;
  /** What the provider says, empty where it says nothing that can be read. */
  readonly message: string;
  /** Its own name for what went wrong, empty where it has none. */
  readonly code: string;
  /** The field that it is about, where it says so. */
  readonly param?: string | undefined;
  /** Whether the request itself is at fault, so that nobody else would take it either. */
  readonly isRequestsFault: boolean;
  /** How long to wait where the body says so, in milliseconds; a header says it elsewhere. */
  readonly retryAfterMs?: number | undefined;
}

/** One frame of a stream: an event of SSE, or a line. */
export interface StreamFrame {
  /** Empty where the frame names none. */
  readonly event: string;
  readonly data: string;
}

/**
 * A streamed answer as it is read, one per call. Throws SyntaxError or FieldMismatch for a frame that cannot be
 * understood, StreamFault where the provider says that it failed.
 */
export interface ChatStreamReader {
  /** What a frame adds, in OpenAI's terms. Usage may stand in any chunk; where it does in several, `usageReports` says how. */
  push(frame: StreamFrame): ChatCompletionChunk[];
  /** Whether the provider said that the answer is whole: an end without it is a broken stream. */
  readonly isWhole: boolean;
  /** Whether nothing more is to come, so that the end of the connection need not be waited for; never where it is left out. */
  readonly isOver?: boolean;
}

/** The provider says in the midst of its answer that it failed. */
export class StreamFault extends Error {}

/**
 * How a provider's API is spoken: pure mappings between the contract's messages, which mirror OpenAI's, and HTTP. What
 * neither side knows of the other passes through in `extra`.
 */
export interface Dialect {
  /** Whether its requests and answers have OpenAI's form, so that they are priced as they are sent and told as they come. */
  readonly hasOpenAiForm?: true;
  /** Whether the address of an image may lead to anything, as sound or a film, so that its size has no bound of its own. */
  readonly takesAnyFile?: true;
  /**
   * What a model uses unasked beside tokens, as searches: the most of each meter for one request. Where it is left out,
   * nothing that is not asked for, which is refused (surcharge.ts).
   */
  unaskedMeters?(model: string): Readonly<Record<string, bigint>>;
  /** What answers of a model may count on beside the meters of text, though nothing asked for it: a model that makes images. */
  answerMeters?(model: string): readonly string[];
  /** Where the provider takes no chat without a limit: the longest answer of a model, in tokens, for those who name none. */
  answerLimit?(model: string): bigint;
  /** @throws AlfredError INVALID_ARGUMENT where the request cannot be said in it at all */
  chat(request: ChatRequest, target: Target, streamed: boolean): Mapped;
  /**
   * Reads a whole answer, as JSON that `parseJson` read. What the provider does not tell is empty, here and in a stream:
   * `id`, `model`, `created`.
   *
   * @throws FieldMismatch
   */
  readChat(json: unknown): ChatCompletion;
  streamChat(): ChatStreamReader;
  /** How the usage of a stream is told where it is told more than once; cumulative unless stated. */
  readonly usageReports?: UsageReports;
  /** Where the provider takes Anthropic's Messages as they are; its answers are then of that form, too. */
  readonly messages?: MessagesDialect;
  /** Where the provider has models that continue texts, and know no chats. */
  readonly completions?: CompletionsDialect;
  /** Where the dialect knows OpenAI's Responses; which providers take them says `responsesOf`. */
  readonly responses?: ResponsesDialect | undefined;
  /** Undefined where the provider has no embeddings. */
  readonly embeddings: EmbeddingDialect | undefined;
  /** Where the provider judges what is said; its answers have OpenAI's form. */
  moderations?(asked: ModerationRequest, target: Target): Mapped;
  /** Where the provider draws; its answers have OpenAI's form. */
  readonly images?: ImageDialect;
  /** Where the provider speaks, in bytes or events. */
  readonly speech?: SpeechDialect;
  /** Where the provider writes down what is said. */
  readonly hearing?: HearingDialect;
  readRefusal(status: number, text: string): Refusal;
}

interface MessagesDialect {
  request(message: MessageRequest, target: Target, streamed: boolean): Mapped;
  /** Asks how many tokens a prompt has. */
  count(message: MessageRequest, target: Target): Mapped;
}

/** Completions of texts. What comes is read as the answer of a chat, so that it is counted and told like one. */
interface CompletionsDialect extends Pick<Dialect, "readChat" | "streamChat"> {
  /** Whether a model is one of those. */
  takes(model: string): boolean;
  request(completion: CompletionRequest, target: Target, streamed: boolean): Pick<Mapped, "request">;
}

/** Images. Events of a stream are told as they come; what is read of them is usage and end, as of a chat. */
interface ImageDialect extends AnswerReader {
  request(asked: ImageRequest, target: Target, streamed: boolean, sources?: ImageSources): Pick<Mapped, "request">;
}

/** What images are made of. */
export interface ImageSources {
  readonly operation: "image_edit" | "image_variation";
  readonly files: readonly RequestFile[];
}

/** Speech. Its events are told as they come, as those of images. */
interface SpeechDialect extends AnswerReader {
  request(asked: SpeechRequest, target: Target): Pick<Mapped, "request">;
}

/** Sound to be written down. Its events are told as they come, as those of images. */
export interface HearingDialect extends AnswerReader {
  /** Seconds that are billed for however little sound. */
  readonly leastSeconds: number;
  transcription(asked: TranscriptionRequest, file: MediaFile, target: Target, streamed: boolean): Mapped;
  /** Undefined where it does not translate. */
  translation?(asked: TranslationRequest, file: MediaFile, target: Target): Mapped;
  /** Reads a whole answer, and what it took. @throws FieldMismatch */
  read(json: unknown): Heard;
}

/** What a provider heard. */
export interface Heard {
  readonly transcription: Transcription;
  readonly usage: TokenUsage | undefined;
}

/** By what a streamed answer is read. */
export type AnswerReader = Pick<Dialect, "streamChat">;

/** How Responses are asked for as they are, and how the answers are read to be counted. */
export interface ResponsesDialect extends Pick<Dialect, "readChat" | "streamChat"> {
  request(response: ResponseRequest, target: Target, streamed: boolean): Mapped;
  /** Asks about a response that is stored. */
  stored(asked: AboutStored, target: Target): PreparedRequest;
}

/** What is asked about a response that a provider stores. */
export interface AboutStored {
  readonly method: "GET" | "DELETE";
  /** As the provider calls it. */
  readonly id: string;
  /** What of it is asked for; the response itself where it is left out. */
  readonly part?: "input_items";
  readonly query: URLSearchParams;
}

interface EmbeddingDialect {
  embed(request: EmbeddingRequest, target: Target): Mapped;
  /** @param model as the client is to see it where the answer does not name it */
  readEmbeddings(json: unknown, model: string): EmbeddingList;
}
