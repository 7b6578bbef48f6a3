import { anything, flag, list, nullable, number, object, oneOf, openObject, tagged, text, textOr, whole } from "../../shape.ts";
import type { Shape } from "../../shape.ts";
import type { Edition } from "./edition.ts";

const CACHE = nullable(object({ type: oneOf("ephemeral") }, { ttl: oneOf("5m", "1h") }));

const NAME = text({ least: 1, most: 128, pattern: /^[a-zA-Z0-9_-]{1,128}$/ });
const ID = text({ pattern: /^[a-zA-Z0-9_-]+$/ });
const BASE64 = text({ least: 1, pattern: /^[A-Za-z0-9+/]+={0,2}$/ });
const URL = text({ pattern: /^https?:\/\// });

const FILE_SOURCE = object({ type: anything, file_id: text({ least: 1 }) });

const TEXT = object({ type: anything, text: text() }, { cache_control: CACHE, citations: nullable(list(openObject)) });

const IMAGE = object(
  {
    type: anything,
    source: tagged(
      "type",
      {
        base64: object({ type: anything, media_type: oneOf("image/jpeg", "image/png", "image/gif", "image/webp"), data: BASE64 }),
        url: object({ type: anything, url: URL }),
        file: FILE_SOURCE,
      },
      { inPath: true },
    ),
  },
  { cache_control: CACHE },
);

const TEXT_OR_IMAGE = tagged("type", { text: TEXT, image: IMAGE }, { inPath: true });

const DOCUMENT = object(
  {
    type: anything,
    source: tagged(
      "type",
      {
        base64: object({ type: anything, media_type: oneOf("application/pdf"), data: BASE64 }),
        text: object({ type: anything, media_type: oneOf("text/plain"), data: text() }),
        content: object({ type: anything, content: textOr(list(TEXT_OR_IMAGE)) }),
        url: object({ type: anything, url: URL }),
        file: FILE_SOURCE,
      },
      { inPath: true },
    ),
  },
  {
    cache_control: CACHE,
    citations: nullable(object({}, { enabled: flag })),
    context: nullable(text()),
    title: nullable(text({ most: 500 })),
  },
);

const SEARCH_RESULT = object(
  { type: anything, content: list(TEXT), source: text(), title: text() },
  { cache_control: CACHE, citations: object({}, { enabled: flag }) },
);

const TOOL_RESULT_PARTS = {
  text: TEXT,
  image: IMAGE,
  document: DOCUMENT,
  search_result: SEARCH_RESULT,
  tool_reference: openObject,
};

const TOOL_RESULT = object(
  { type: anything, tool_use_id: ID },
  {
    cache_control: CACHE,
    content: textOr(list(tagged("type", TOOL_RESULT_PARTS, { inPath: true }))),
    is_error: flag,
    toolset_name: nullable(text()),
  },
);

const TOOL_USE = object(
  { type: anything, id: ID, name: text({ least: 1, most: 200 }), input: openObject },
  { cache_control: CACHE, caller: openObject, toolset_name: nullable(text()) },
);

/** Blocks of tools that the provider runs itself, which the simulator does not: only their names are looked at. */
const SERVER_BLOCKS = [
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "container_upload",
];

const BLOCK = tagged(
  "type",
  {
    text: TEXT,
    image: IMAGE,
    document: DOCUMENT,
    search_result: SEARCH_RESULT,
    thinking: object({ type: anything, thinking: text(), signature: text() }),
    redacted_thinking: object({ type: anything, data: text() }),
    tool_use: TOOL_USE,
    tool_result: TOOL_RESULT,
    ...Object.fromEntries(SERVER_BLOCKS.map((type) => [type, openObject])),
  },
  { inPath: true },
);

const MESSAGE = object({ role: oneOf("user", "assistant", "system"), content: textOr(list(BLOCK)) });

const CUSTOM_TOOL = object(
  { name: NAME, input_schema: openObject },
  {
    type: nullable(oneOf("custom")),
    description: text(),
    cache_control: CACHE,
    strict: flag,
    defer_loading: flag,
    eager_input_streaming: nullable(flag),
    input_examples: list(openObject),
    allowed_callers: list(text()),
  },
);

/** Tools that the provider defines carry a dated type, and a name that goes with it. */
const TOOL: Shape = (value, path, words) => {
  const isDated = typeof value === "object" && value !== null && "type" in value && /_\d{8}$/.test(String(value.type));
  if (isDated) openObject(value, path, words);
  else tagged("type", { custom: CUSTOM_TOOL }, { usual: "custom", inPath: true })(value, path, words);
};

const PARALLEL = { disable_parallel_tool_use: flag };
const DISPLAY = { display: nullable(oneOf("summarized", "omitted")) };

const THINKING = tagged(
  "type",
  {
    enabled: object({ type: anything, budget_tokens: whole(1_024) }, DISPLAY),
    adaptive: object({ type: anything }, DISPLAY),
    disabled: object({ type: anything }),
    between_tools: object({ type: anything }),
  },
  { inPath: true },
);

const TOOL_CHOICE = tagged(
  "type",
  {
    auto: object({ type: anything }, PARALLEL),
    any: object({ type: anything }, PARALLEL),
    tool: object({ type: anything, name: text({ least: 1 }) }, PARALLEL),
    none: object({ type: anything }),
  },
  { inPath: true },
);

const OUTPUT_CONFIG = object(
  {},
  {
    effort: nullable(oneOf("low", "medium", "high", "xhigh", "max")),
    format: nullable(object({ type: oneOf("json_schema"), schema: openObject })),
  },
);

const REQUIRED = { model: text({ least: 1 }), max_tokens: whole(0), messages: list(MESSAGE, 100_000) };

const OPTIONAL = {
  cache_control: CACHE,
  container: anything,
  diagnostics: anything,
  inference_geo: nullable(text()),
  metadata: object({}, { user_id: nullable(text({ most: 512 })) }),
  output_config: OUTPUT_CONFIG,
  service_tier: oneOf("auto", "standard_only"),
  speed: nullable(oneOf("standard", "fast")),
  stop_sequences: list(text()),
  stream: flag,
  system: textOr(list(TEXT)),
  thinking: THINKING,
  tool_choice: TOOL_CHOICE,
  tools: list(TOOL),
};

/** Fields that only a request with an `anthropic-beta` header may have. */
const BETA = { context_management: openObject, mcp_servers: list(openObject), output_format: openObject, fallbacks: anything };

/** Fields that version 2026-10-21 has no more. */
const SAMPLING = { temperature: number(0, 1), top_k: whole(0), top_p: number(0, 1) };

/** The body of POST /v1/messages. Source: https://platform.claude.com/docs/en/api/messages/create */
export function messagesBody({ isLatest, hasBeta }: Edition): Shape {
  return object(REQUIRED, { ...OPTIONAL, ...(isLatest ? {} : SAMPLING), ...(hasBeta ? BETA : {}) });
}
