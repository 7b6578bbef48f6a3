import type { IncomingHttpHeaders } from "node:http";
import type { ChatCompletion, EmbeddingList } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { FieldMismatch, parseJson } from "@alfred/openai";
import type { Dispatcher } from "undici";
import type { PreparedRequest, ProviderPort, UpstreamAnswer, UpstreamCall, UpstreamStream } from "../domain/provider-port.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { headWriter } from "./answer-head.ts";
import { ChatStream } from "./chat-stream.ts";
import type { AnswerReader, Dialect } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import { AnswerTooLarge, HttpCall } from "./http-call.ts";
import type { PatienceConfig } from "./patience.ts";
import { countOf, requireObject } from "./loose-json.ts";
import { soundStream } from "./sound-stream.ts";
import { disguisedRefusal, isErrorText, refusalFailure } from "./refusal.ts";
import { SecretMask } from "./secret-mask.ts";
import { toldTranscription } from "./told-transcription.ts";

/** Longest whole answer, in bytes: what a message of the mesh holds. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const STREAM = "text/event-stream";
/** How much of a refusal is read, in bytes. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** Any upstream, spoken to over HTTP in its own dialect. */
export class HttpProvider implements ProviderPort {
  readonly #wayOut: Dispatcher;
  readonly #patience: PatienceConfig;
  readonly #now: () => number;

  constructor(wayOut: Dispatcher, patience: PatienceConfig, now: () => number) {
    this.#wayOut = wayOut;
    this.#patience = patience;
    this.#now = now;
  }

  completeChat(call: UpstreamCall): Promise<UpstreamAnswer<ChatCompletion>> {
    const dialect = dialectOf(call.upstream);
    return this.#whole(call, (json) => headWriter(dialect, call, this.#now())(readerOf(dialect, call).readChat(json)));
  }

  embed(call: UpstreamCall): Promise<UpstreamAnswer<EmbeddingList>> {
    const { embeddings } = dialectOf(call.upstream);
    if (embeddings === undefined) throw new TypeError(`The provider ${call.upstream.id} has no embeddings.`);
    return this.#whole(call, (json) => embeddings.readEmbeddings(json, call.model));
  }

  ask<Message>(call: UpstreamCall, read: (json: unknown) => Message): Promise<UpstreamAnswer<Message>> {
    return this.#whole(call, read);
  }

  read(call: UpstreamCall): Promise<AsyncIterable<Buffer>> {
    return this.#send(call, "*/*");
  }

  askText(call: UpstreamCall): Promise<UpstreamAnswer<string>> {
    return this.#send(call, "text/plain, application/json").then((http) => this.#read(http, call, (text) => ({ json: undefined, message: plainText(text) })));
  }

  async countTokens(call: UpstreamCall): Promise<bigint> {
    const { message } = await this.#whole(call, (json) => countOf(requireObject(json)["input_tokens"]) ?? noCount());
    return message;
  }

  async streamChat(call: UpstreamCall): Promise<UpstreamStream> {
    const isSpeech = call.request.form === "speech";
    const http = await this.#send(call, isSpeech ? `${STREAM}, audio/*` : STREAM);
    const { headers } = await http.head;
    if (call.request.form === "transcription" && !isOf(headers["content-type"], STREAM)) return this.#toldTranscription(http, call, headers);
    if (isSpeech && !isCompressed(headers) && isSound(headers["content-type"])) return soundStream(http, call.upstream);
    if (isCompressed(headers) || !isOf(headers["content-type"], STREAM)) {
      const refusal = disguisedRefusal(call.upstream, { headers, text: told(await refusalText(http), call.request) });
      const fault = isCompressed(headers) ? COMPRESSED : "is no stream";
      throw refusal ?? malformed(call, fault, headers, http.firstByteMs);
    }
    const dialect = dialectOf(call.upstream);
    const { usageReports = "cumulative" } = dialect;
    return new ChatStream(http, { upstream: call.upstream, reader: streamReaderOf(dialect, call).streamChat(), usageReports, named: headWriter(dialect, call, this.#now()), keepsFrames: call.keepsFrames === true });
  }

  async #whole<Message>(call: UpstreamCall, read: (json: unknown) => Message): Promise<UpstreamAnswer<Message>> {
    const http = await this.#send(call, "application/json");
    return this.#read(http, call, (text) => {
      const json = parseJson(text);
      return { message: read(json), json };
    });
  }

  /** A model that does not stream answers with a whole transcript, which is told as a stream is. */
  async #toldTranscription(http: HttpCall, call: UpstreamCall, headers: IncomingHttpHeaders): Promise<UpstreamStream> {
    const { hearing } = dialectOf(call.upstream);
    if (hearing === undefined) throw new TypeError(`The provider ${call.upstream.id} writes nothing down.`);
    const isText = isOf(headers["content-type"], "text/plain");
    const { message } = await this.#read(http, call, (text) => {
      const json: unknown = isText ? { text: plainText(text) } : parseJson(text);
      return { message: hearing.read(json), json };
    });
    return toldTranscription(http, message);
  }

  async #read<Message>(http: HttpCall, call: UpstreamCall, read: (text: string) => Omit<UpstreamAnswer<Message>, "firstByteMs">): Promise<UpstreamAnswer<Message>> {
    const { headers } = await http.head;
    let text = "";
    try {
      text = new SecretMask(call.upstream.secret).over(await http.text(MAX_ANSWER_BYTES));
      return { ...read(text), firstByteMs: http.firstByteMs ?? this.#now() };
    } catch (error) {
      if (error instanceof UpstreamFailure) throw error.after(http.firstByteMs);
      const fault = faultOf(error, headers);
      throw disguisedRefusal(call.upstream, { headers, text: told(text, call.request) }) ?? malformed(call, fault, headers, http.firstByteMs);
    }
  }

  /** Sends the request; resolves once a 2xx came. */
  async #send({ upstream, request, requestId, signal, deadlineMs, onSent }: UpstreamCall, accept: string): Promise<HttpCall> {
    const { origin, pathname, search } = new URL(request.url);
    const { method, body, upload } = request;
    const headers: Record<string, string> = {
      ...(method === undefined && { "content-type": upload?.contentType ?? "application/json" }),
      ...(upload && { "content-length": String(upload.length) }),
      accept,
      "accept-encoding": "identity",
      "user-agent": "alfred",
      "x-client-request-id": requestId,
      ...request.headers,
    };
    const place = { provider: upstream.id, origin, path: pathname + search };
    const http = new HttpCall(this.#wayOut, {
      ...place, headers, method, body: upload?.pieces ?? body, signal, deadlineMs, onSent, patience: this.#patience, now: this.#now,
    });
    const head = await http.head;
    if (head.status >= 200 && head.status < 300) return http;
    const text = told(await refusalText(http), request);
    throw refusalFailure(upstream, { ...head, text, namesKept: request.ownIds !== undefined });
  }
}

/** By what a whole answer is read. */
function readerOf(dialect: Dialect, { request: { form } }: UpstreamCall): Pick<Dialect, "readChat"> {
  const { completions, responses } = dialect;
  return (form === "completion" ? completions : form === "response" ? responses : undefined) ?? dialect;
}

/** By what a streamed answer is read. */
function streamReaderOf(dialect: Dialect, { request: { form } }: UpstreamCall): AnswerReader {
  const { completions, images, responses, speech, hearing } = dialect;
  return (form === undefined ? undefined : { completion: completions, image: images, response: responses, speech, transcription: hearing }[form]) ?? dialect;
}

/** Text that was asked for: no page, and no error in JSON. @throws FieldMismatch */
function plainText(text: string): string {
  if (/^\s*(?:<!doctype|<html)/i.test(text) || isErrorText(text)) throw new FieldMismatch("text");
  return text;
}

function noCount(): never {
  throw new FieldMismatch("a count of tokens").under("input_tokens");
}

/** A refusal by the ids that its client knows. */
function told(text: string, { ownIds }: PreparedRequest): string {
  if (ownIds === undefined || ownIds.size === 0) return text;
  const names = [...ownIds.keys()].map((id) => RegExp.escape(id)).join("|");
  return text.replaceAll(new RegExp(`(?<![\\w-])(?:${names})(?![\\w-])`, "g"), (id) => ownIds.get(id) ?? id);
}

/** The status says enough where the body cannot be had. */
async function refusalText(http: HttpCall): Promise<string> {
  try {
    return await http.text(MAX_REFUSAL_BYTES);
  } catch (error) {
    if (error instanceof UpstreamFailure || error instanceof AnswerTooLarge) return "";
    throw error;
  }
}

/** What is wrong with a whole answer, in words. @throws what is a mistake of ours */
function faultOf(error: unknown, headers: IncomingHttpHeaders): string {
  if (error instanceof AnswerTooLarge) return `is larger than ${error.limitBytes / 1_024 / 1_024} MiB`;
  const isUnread = error instanceof SyntaxError || error instanceof FieldMismatch || error instanceof RangeError;
  if (!isUnread) throw error;
  return isCompressed(headers) ? COMPRESSED : "cannot be understood";
}

const COMPRESSED = "is compressed, which it was asked not to be";

function isCompressed({ "content-encoding": encoding = "" }: IncomingHttpHeaders): boolean {
  return encoding !== "" && encoding.toLowerCase() !== "identity";
}

/** Without a cause, since that quotes the answer. JSON that is broken came from a model that worked, a page of another kind from something in between. */
function malformed(call: UpstreamCall, fault: string, headers: IncomingHttpHeaders, firstByteMs: number | undefined): UpstreamFailure {
  const message = `The answer of the provider ${call.upstream.id} ${fault}.`;
  const error = fail("PROVIDER_MALFORMED", message, { metadata: { provider: call.upstream.id } });
  const isOfModel = ["application/json", STREAM].some((type) => isOf(headers["content-type"], type));
  return isOfModel ? new UpstreamFailure(error, { billed: "prompt", firstByteMs }) : new UpstreamFailure(error, { elsewhere: true });
}

/** Of bytes that are not said to be anything nothing else is known. */
function isSound(contentType: string | undefined): boolean {
  return contentType === undefined || isOf(contentType, "audio/") || isOf(contentType, "application/octet-stream");
}

function isOf(contentType: string | undefined, type: string): boolean {
  return contentType?.toLowerCase().startsWith(type) === true;
}
