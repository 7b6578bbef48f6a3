import { seededRandom } from "./random.ts";

/** What kind of answer a request asks for. */
export interface Asked {
  /** A stream of so many chunks, undefined for a whole answer. */
  readonly chunks?: number | undefined;
  /** Milliseconds between two chunks; 0 sends them back to back. */
  readonly gapMs?: number | undefined;
}

const WORDS = ["account", "budget", "window", "river", "seven", "lamp", "quiet", "margin", "copper", "answer", "early", "bridge"];
const DISTINCT = 64;

/** Chat requests of exactly `bytes` bytes each, all different, so that nothing can be answered from memory. */
export function chatBodies(seed: number, bytes: number, asked: Asked): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: DISTINCT }, (_, index) => chatBody(random, index, bytes, asked));
}

function chatBody(random: () => number, index: number, bytes: number, { chunks, gapMs = 0 }: Asked): string {
  const directive = chunks === undefined ? "" : `[[bench chunks=${chunks} gap=${gapMs}]] `;
  const body = (text: string): string =>
    JSON.stringify({
      model: "gpt-4o-mini",
      messages: [
        { role: "system", content: "You are a careful assistant. Answer in one sentence." },
        { role: "user", content: `${directive}${index} ${text}` },
      ],
      temperature: 0.2,
      max_tokens: 64,
      ...(chunks === undefined ? {} : { stream: true }),
    });
  return body(wordsOf(random, bytes - body("").length));
}

function wordsOf(random: () => number, length: number): string {
  let text = "";
  while (text.length < length) text += `${WORDS[Math.floor(random() * WORDS.length)] ?? ""} `;
  return text.slice(0, length);
}
