import type { Json } from "../loose-json.ts";

/** A part of a message's content as the API has it; undefined where it cannot say it. */
type PartWriter = (part: Json) => Json | undefined;

/** How an API differs from OpenAI's, which it is otherwise like. Only what is documented of it stands in a row. */
export interface Variant {
  /** Fields by the names that it has for them. Of a limit that is said twice the smaller counts. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Fields that it refuses, or that it has nothing for. */
  readonly lacking: readonly string[];
  /** The labels that it has a place for (labels.ts); the others are left out. */
  readonly labels: readonly string[];
  /** The tiers that it knows. */
  readonly tiers: readonly string[];
  /** The forms of answers that may be asked for, beside plain text. */
  readonly formats: readonly ("json_object" | "json_schema")[];
  /** The parts of content that it takes of those that OpenAI has, beside text. Parts of types that OpenAI does not have are its own. */
  readonly parts: Readonly<Record<string, PartWriter>>;
  /** Whether others than the user may say parts, too: elsewhere they say text, and images are the user's alone to show. */
  readonly hasPartsOfAll: boolean;
  /** Where the thoughts of an answer stand, there and when it is sent back: a field, or parts of the content; undefined where they cannot go back. */
  readonly thoughts: "reasoning_content" | "reasoning" | "parts" | undefined;
  /** Whether it heeds the names of those who speak. */
  readonly hasNames: boolean;
  /** Whether it refuses fields of messages and calls that it does not know. */
  readonly isStrict: boolean;
  /** Whether it reads the arguments of calls, so that they have to be an object. */
  readonly readsArguments: boolean;
  /** Its own ids of calls, where it takes no others. */
  readonly callId?: (id: string) => string;
  /** Its own reasons to stop, in OpenAI's terms. */
  readonly finishReasons: Readonly<Record<string, string>>;
  /** What else is said in another way; on the body, once all of the above is written. */
  readonly write?: (body: Json) => void;
  /** What else is told in another way; on an answer or a piece of one, before it is read. @throws StreamFault where it says that it failed */
  readonly hear?: (answer: Json) => void;
  /** As `Dialect.unaskedMeters` has it; `hear` tells how much it was, in a field of the usage that is called like the meter. */
  readonly unaskedMeters?: (model: string) => Readonly<Record<string, bigint>>;
  /** Its embeddings; undefined where it has none. */
  readonly embeddings: EmbeddingVariant | undefined;
  /** How it writes down what is said; undefined where it does not. */
  readonly hearing?: HearingVariant;
  /** Whether it judges texts; images nobody but OpenAI judges. */
  readonly judgesTexts?: true;
}

/** The same of sound that is written down. */
export interface HearingVariant {
  readonly lacking: readonly string[];
  /** The forms of answers that may be asked for; the first need not be said. */
  readonly formats: readonly string[];
  readonly translates: boolean;
  /** Seconds that are billed for however little sound. */
  readonly leastSeconds: number;
  /** What is told in another way; on a whole answer, before it is read. */
  readonly hear?: (answer: Json) => void;
}

/** The same of embeddings, which take text alone. */
export interface EmbeddingVariant {
  readonly renamed: Readonly<Record<string, string>>;
  /** Fields that it does not know; vectors are written as base64 here where it answers with numbers. */
  readonly unknown: readonly string[];
}
