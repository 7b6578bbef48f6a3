import { ProviderKind } from "@alfred/contracts";
import { CALLS, type Json, type Recording, SAID, events } from "./recording.ts";

const HEAD = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_760_000_000, model: "gpt-4o-mini-2024-07-18" };
const DETAILS = { prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 } };
const USAGE = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29, ...DETAILS };
/** Where only the sums are told. */
const PLAIN_USAGE = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 };
const PLAIN = { ...SAID, usage: { prompt: 20n, cached: 0n, completion: 9n } };

const chunk = (delta: Json, finish: string | null = null, fields: Json = {}, index = 0): Json => ({
  ...HEAD,
  choices: [{ index, delta, logprobs: null, finish_reason: finish }],
  ...fields,
});
const ROLE = chunk({ role: "assistant", content: "" });
const TEXT = [chunk({ content: "Grüezi " }), chunk({ content: "🌿." })];
const STOP = chunk({}, "stop");
/** The same with these fields beside the choices. */
const textWith = (fields: Json): Json[] => [chunk({ content: "Grüezi " }, null, fields), chunk({ content: "🌿." }, null, fields)];
const called = (index: number, id: string, name: string, args: string): Json => ({ tool_calls: [{ index, id, type: "function", function: { name, arguments: args } }] });
const goesOn = (index: number, args: string): Json => ({ tool_calls: [{ index, function: { arguments: args } }] });

function recording(name: string, body: string, fields: Partial<Recording> = {}): Recording {
  const base = { kind: ProviderKind.PROVIDER_KIND_OPENAI, priceBook: "openai", model: "gpt-4o-mini", basePath: "/v1" };
  return { ...base, ...SAID, name, body: Buffer.from(body), ...fields };
}

/** Source: https://platform.openai.com/docs/api-reference/chat-streaming */
const openai = [
  recording("openai", events(ROLE, ...textWith({ usage: null, obfuscation: "x1" }), STOP, { ...HEAD, choices: [], usage: USAGE }, "[DONE]")),
  recording("openai-without-done", events(ROLE, ...TEXT, STOP, { ...HEAD, choices: [], usage: USAGE })),
  recording("openai-uncounted", events(ROLE, ...TEXT, STOP, "[DONE]"), { usage: undefined }),
  recording(
    "openai-calls",
    events(
      chunk({ role: "assistant", content: null, ...called(0, "call_1", "weather", "") }), chunk(goesOn(0, '{"city":"Zür')), chunk(called(1, "call_2", "now", "")),
      chunk(goesOn(0, 'ich 🌧"}')), chunk(goesOn(1, "{}")), chunk({}, "tool_calls"), { ...HEAD, choices: [], usage: USAGE }, "[DONE]",
    ),
    { texts: [""], calls: CALLS, finishReasons: ["tool_calls"] },
  ),
  recording(
    "openai-two-answers",
    events(ROLE, chunk({ content: "Grüe" }), chunk({ content: "Sal" }, null, {}, 1), chunk({ content: "zi 🌿." }), STOP, chunk({ content: "ü 🌿." }, null, {}, 1), chunk({}, "length", {}, 1), { ...HEAD, choices: [], usage: USAGE }, "[DONE]"),
    { texts: ["Grüezi 🌿.", "Salü 🌿."], finishReasons: ["stop", "length"], asked: { n: 2 } },
  ),
];

/** Source: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/content-filters-streaming */
const azure = recording(
  "azure",
  events(
    { ...HEAD, created: 0, id: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: "safe" } } }] },
    ROLE, ...textWith({ system_fingerprint: "fp_1" }), STOP, { ...HEAD, choices: [], usage: USAGE }, "[DONE]",
  ),
  { kind: ProviderKind.PROVIDER_KIND_AZURE, basePath: "" },
);

/** Sources: https://docs.mistral.ai/api/#tag/chat, https://docs.mistral.ai/capabilities/function_calling: usage beside the end, calls whole. */
const mistral = [
  recording("mistral", events(chunk({ role: "assistant", content: "" }), ...TEXT, chunk({ content: "" }, "stop", { usage: PLAIN_USAGE, p: "ab" }), "[DONE]"), { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_MISTRAL, priceBook: "mistral", model: "mistral-small" }),
  recording(
    "mistral-calls",
    events(ROLE, chunk({ content: "", tool_calls: CALLS.map(([name, args], index) => ({ id: `c${index}`, function: { name, arguments: args }, index })) }, "tool_calls", { usage: PLAIN_USAGE }), "[DONE]"),
    { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_MISTRAL, priceBook: "mistral", model: "mistral-small", texts: [""], calls: CALLS, finishReasons: ["tool_calls"] },
  ),
];

/** Source: https://console.groq.com/docs/reasoning and https://console.groq.com/docs/api-reference: its own object beside the end. */
const groq = recording(
  "groq",
  events({ ...ROLE, x_groq: { id: "req_1" } }, chunk({ reasoning: "Höflich 🙂." }), ...TEXT, chunk({}, "stop", { x_groq: { id: "req_1", usage: { ...PLAIN_USAGE, total_time: 0.01 } } }), { ...HEAD, choices: [], usage: PLAIN_USAGE }, "[DONE]"),
  { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_GROQ, priceBook: "groq", model: "qwen/qwen3-32b", thoughts: "Höflich 🙂." },
);

/** Sources: https://api-docs.deepseek.com/api/create-chat-completion, https://api-docs.deepseek.com/quick_start/rate_limit: comments that keep the line open. */
const deepseek = recording(
  "deepseek",
  `: keep-alive\n\n${events(chunk({ role: "assistant", content: null, reasoning_content: "" }), chunk({ content: null, reasoning_content: "Höf" }), chunk({ content: null, reasoning_content: "lich 🙂." }))}: keep-alive\n\n` +
    events(...TEXT, chunk({ content: "", reasoning_content: null }, "stop", { usage: { ...PLAIN_USAGE, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 12 } }), "[DONE]"),
  { kind: ProviderKind.PROVIDER_KIND_DEEPSEEK, priceBook: "deepseek", model: "deepseek-reasoner", thoughts: "Höflich 🙂." },
);

/** Source: https://docs.together.ai/reference/chat-completions-1: usage null, then beside the end; the old `text` besides. */
const together = recording(
  "together",
  events(...textWith({ usage: null }), chunk({ role: "assistant", content: "", token_id: 1 }, "stop", { usage: PLAIN_USAGE }), "[DONE]"),
  { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_TOGETHER, priceBook: "together", model: "meta-llama/Llama-3.3-70B-Instruct-Turbo" },
);

const sofar = (completion: number): Json => ({ usage: { prompt_tokens: 20, completion_tokens: completion, total_tokens: 20 + completion } });

/** Source: https://docs.perplexity.ai/api-reference/chat-completions-post: usage cumulative in each chunk, carriage returns, no `[DONE]`. */
const perplexity = recording(
  "perplexity",
  events(
    chunk({ role: "assistant", content: "Grüezi " }, null, { ...sofar(3), citations: ["https://example.com/ü"] }), chunk({ content: "🌿." }, null, sofar(6)),
    chunk({ content: "" }, "stop", { ...sofar(9), search_results: [{ title: "Ü", url: "https://example.com/ü" }] }),
  ).replaceAll("\n", "\r\n"),
  { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_PERPLEXITY, priceBook: "perplexity", model: "sonar", reports: [3n, 6n].map((completion, index) => ({ chunks: index + 1, prompt: 20n, cached: 0n, completion })) },
);

/** Source: https://docs.lambda.ai/public-cloud/lambda-inference-api */
const lambda = recording("lambda", events(ROLE, ...textWith({ usage: null }), STOP, { ...HEAD, choices: [], usage: PLAIN_USAGE }, "[DONE]"), {
  ...PLAIN, kind: ProviderKind.PROVIDER_KIND_LAMBDA, priceBook: "lambda", model: "llama3.1-8b-instruct",
});

/** Source: https://docs.ollama.com/api/openai-compatibility: calls whole, in one chunk. */
const ollama = recording(
  "ollama",
  events(
    chunk({ role: "assistant", content: "Grüezi " }, null, { system_fingerprint: "fp_ollama" }), chunk({ content: "🌿." }),
    chunk({ content: "", tool_calls: CALLS.map(([name, args], index) => ({ id: `call_${index}`, index, type: "function", function: { name, arguments: args } })) }),
    chunk({ content: "" }, "tool_calls"), { ...HEAD, choices: [], usage: PLAIN_USAGE }, "[DONE]",
  ),
  { ...PLAIN, kind: ProviderKind.PROVIDER_KIND_OLLAMA, priceBook: "ollama", model: "llama3", calls: CALLS, finishReasons: ["tool_calls"] },
);

export const OPENAI_RECORDINGS: readonly Recording[] = [...openai, azure, ...mistral, groq, deepseek, together, perplexity, lambda, ollama];
