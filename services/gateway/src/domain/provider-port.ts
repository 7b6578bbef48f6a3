import type { ChatCompletion, ChatCompletionChunk, EmbeddingList } from "@alfred/contracts";
import type { Upstream } from "./route.ts";
import type { UsageReports } from "./usage-reports.ts";

/** A form as it is sent: its bytes in pieces, which may be sent again, so that files are not copied. */
export interface FormBody {
  readonly contentType: string;
  readonly length: number;
  readonly pieces: readonly Uint8Array[];
}

/** A request as a provider takes it. */
export interface PreparedRequest {
  /** POST unless stated; the others have no body. */
  readonly method?: "GET" | "DELETE";
  /** The whole URL, its query included. */
  readonly url: string;
  /** What this provider wants to be told besides what every call says: credentials, versions. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
  /** Sent in the place of the body, where there are files. */
  readonly upload?: FormBody;
  /** The form of the answer where it is not the provider's own of chats. */
  readonly form?: "completion" | "response" | "image" | "speech" | "transcription";
  /** What of the provider's stands in it under other ids than its client knows, and those: refusals are told with the client's. */
  readonly ownIds?: ReadonlyMap<string, string>;
}

/** A frame of a stream as the provider sent it. */
export interface RawFrame {
  /** Empty where the frame names none. */
  readonly event: string;
  readonly data: string;
}

/** One call to a provider. */
export interface UpstreamCall {
  readonly upstream: Upstream;
  /** The model as the provider names it. */
  readonly model: string;
  readonly request: PreparedRequest;
  /** Sent along, so that the provider's log can be matched with ours. */
  readonly requestId: string;
  /** Ends the call at once. */
  readonly signal: AbortSignal;
  /** When the whole request must be over, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Called once the provider was given all of the request. */
  readonly onSent: () => void;
  /** Whether the frames of a stream are kept beside what is read from them, for a client that is told them as they are. */
  readonly keepsFrames?: boolean;
}

/** A whole answer, and when it began. */
export interface UpstreamAnswer<Message> {
  readonly message: Message;
  /** The answer as the provider gave it, as `parseJson` reads it. */
  readonly json: unknown;
  readonly firstByteMs: number;
}

/** A streamed answer from its first byte on. */
export interface UpstreamStream extends AsyncIterable<ChatCompletionChunk[]> {
  /** When the first byte of the body came, in milliseconds since the epoch; undefined before. */
  readonly firstByteMs: number | undefined;
  /** The same of the last byte so far. */
  readonly lastByteMs: number | undefined;
  /** How usage is told where it is told more than once. */
  readonly usageReports: UsageReports;
  /** The frames that came since the last time, where they are kept. */
  takeFrames(): RawFrame[];
  /** Ends the call at once where it is not over. */
  abort(): void;
}

/** What providers can do. Every method rejects with UpstreamFailure, and iteration throws one. */
export interface ProviderPort {
  completeChat(call: UpstreamCall): Promise<UpstreamAnswer<ChatCompletion>>;
  /** Resolves when the provider begins to answer; each item is what one read of the socket brought. */
  streamChat(call: UpstreamCall): Promise<UpstreamStream>;
  /** How many tokens a prompt has, where the provider counts them for nothing. */
  countTokens(call: UpstreamCall): Promise<bigint>;
  embed(call: UpstreamCall): Promise<UpstreamAnswer<EmbeddingList>>;
  /** Asks for bytes; resolves once they begin. Iteration may throw UpstreamFailure, and to end it ends the call. */
  read(call: UpstreamCall): Promise<AsyncIterable<Buffer>>;
  /** Asks for what is answered with JSON of any other form. @param read may throw FieldMismatch */
  ask<Message>(call: UpstreamCall, read: (json: unknown) => Message): Promise<UpstreamAnswer<Message>>;
  /** Asks for what is answered with text. */
  askText(call: UpstreamCall): Promise<UpstreamAnswer<string>>;
}
