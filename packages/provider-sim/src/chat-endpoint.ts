import { BoundedMap } from "./bounded-map.ts";
import { answerChat } from "./chat-answer.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { ChatAsk } from "./chat-ask.ts";
import type { Call, Endpoint, Frame, Prepared, Stamp, StreamWire } from "./dialect.ts";

const REMEMBERED_CALLS = 64;
const REMEMBERED_BODY_CHARACTERS = 16 * 1024;

/** How a dialect speaks of chat: one reader and two writers. */
export interface ChatWire<A extends ChatAsk> {
  /** The name under which metrics count it, `chat` by default. */
  readonly name?: string;
  /** @throws SimError for what the provider would refuse. Depends on path, query and body alone where they are `remembered`. */
  read(call: Call): A;
  /** The whole answer as JSON. */
  whole(ask: A, answer: ChatAnswer, stamp: Stamp): string;
  /** The answer as the frames of a stream, what closes every stream apart. */
  frames(ask: A, answer: ChatAnswer, stamp: Stamp): Iterable<Frame>;
  /** Whether what is read of a call is kept for the same call, which is so unless stated. */
  readonly isRemembered?: false;
  /** Where its streams end otherwise than the dialect's. */
  readonly wire?: StreamWire;
}

/** The endpoint of a dialect that answers chats. */
export function chatEndpoint<A extends ChatAsk>(wire: ChatWire<A>): Endpoint {
  const prepare = (call: Call): Prepared => prepareChat(wire, wire.read(call));
  return { name: wire.name ?? "chat", prepare: wire.isRemembered === false ? prepare : remembered(prepare) };
}

function prepareChat<A extends ChatAsk>(wire: ChatWire<A>, ask: A): Prepared {
  return {
    model: ask.model,
    stream: ask.stream,
    text: ask.userText,
    answer(behaviour, stamp) {
      const said = answerChat(ask, behaviour, stamp.sequence);
      const spent = said.usage ?? { prompt: 0, completion: 0 };
      if (ask.stream) return { kind: "stream", frames: wire.frames(ask, said, stamp), wire: wire.wire, spent };
      return { kind: "body", json: wire.whole(ask, said, stamp), spent };
    },
  };
}

/** Load tests send the same call over and over, and what is prepared for it depends on nothing else: it is prepared once. */
function remembered(prepare: Endpoint["prepare"]): Endpoint["prepare"] {
  const known = new BoundedMap<Kept>(REMEMBERED_CALLS);
  return (call) => {
    if (call.body.length > REMEMBERED_BODY_CHARACTERS) return prepare(call);
    const before = known.get(call.body);
    if (before?.path === call.path && before.search === call.search) return before.prepared;
    const prepared = prepare(call);
    known.set(call.body, { path: call.path, search: call.search, prepared });
    return prepared;
  };
}

interface Kept {
  readonly path: string;
  readonly search: string;
  readonly prepared: Prepared;
}
