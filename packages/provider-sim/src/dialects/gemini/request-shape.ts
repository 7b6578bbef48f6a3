import { anything, flag, list, number, object, oneOf, openObject, text, whole } from "../../shape.ts";
import { SCHEMA } from "./schema-shape.ts";

const BYTES = text({ pattern: /^[A-Za-z0-9+/_-]*={0,2}$/ });

const BLOB = object({}, { mimeType: text(), data: BYTES, displayName: text() });
const FILE = object({}, { mimeType: text(), fileUri: text(), displayName: text() });

const FUNCTION_CALL = object({}, { id: text(), name: text(), args: openObject });

const FUNCTION_RESPONSE = object(
  {},
  {
    id: text(),
    name: text(),
    response: openObject,
    parts: list(object({}, { inlineData: BLOB, fileData: FILE })),
    willContinue: flag,
    scheduling: oneOf("SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"),
  },
);

/** What a part can be; it is one of them. */
export const PART_DATA = {
  text: text(),
  inlineData: BLOB,
  fileData: FILE,
  functionCall: FUNCTION_CALL,
  functionResponse: FUNCTION_RESPONSE,
  executableCode: openObject,
  codeExecutionResult: openObject,
  toolCall: openObject,
  toolResponse: openObject,
};

const PART = object(
  {},
  {
    ...PART_DATA,
    thought: flag,
    thoughtSignature: BYTES,
    videoMetadata: openObject,
    partMetadata: openObject,
    mediaResolution: anything,
    mediaProcessing: openObject,
    speechMetadata: openObject,
  },
);

/** Source: https://ai.google.dev/api/caching#Content */
export const CONTENT = object({}, { role: text(), parts: list(PART) });

const DECLARATION = object(
  {},
  {
    name: text(),
    description: text(),
    behavior: oneOf("UNSPECIFIED", "BLOCKING", "NON_BLOCKING"),
    parameters: SCHEMA,
    parametersJsonSchema: anything,
    response: SCHEMA,
    responseJsonSchema: anything,
  },
);

/** Source: https://ai.google.dev/api/caching#Tool */
const TOOL = object(
  {},
  {
    functionDeclarations: list(DECLARATION),
    googleSearch: openObject,
    googleSearchRetrieval: openObject,
    codeExecution: openObject,
    urlContext: openObject,
    fileSearch: openObject,
    googleMaps: openObject,
    computerUse: openObject,
    mcpServers: list(openObject),
  },
);

const TOOL_CONFIG = object(
  {},
  {
    functionCallingConfig: object({}, { mode: oneOf("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"), allowedFunctionNames: list(text()) }),
    retrievalConfig: openObject,
    includeServerSideToolInvocations: flag,
  },
);

const CATEGORIES = ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT", "CIVIC_INTEGRITY"];

/** Source: https://ai.google.dev/api/generate-content#safetysetting */
const SAFETY_SETTING = object(
  {},
  {
    category: oneOf(...CATEGORIES.map((name) => `HARM_CATEGORY_${name}`)),
    threshold: oneOf("HARM_BLOCK_THRESHOLD_UNSPECIFIED", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"),
  },
);

const LEVELS = ["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"];

const THINKING_CONFIG = object(
  {},
  { includeThoughts: flag, thinkingBudget: whole(-1), thinkingLevel: oneOf(...LEVELS, ...LEVELS.map((level) => level.toLowerCase())) },
);

/** Source: https://ai.google.dev/api/generate-content#generationconfig */
const GENERATION_CONFIG = object(
  {},
  {
    stopSequences: list(text({ least: 1 }), 5),
    responseMimeType: oneOf("text/plain", "application/json", "text/x.enum", ""),
    responseSchema: SCHEMA,
    responseJsonSchema: anything,
    responseModalities: list(oneOf("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO")),
    candidateCount: whole(1, 8),
    maxOutputTokens: whole(1),
    temperature: number(0, 2),
    topP: number(0, 1),
    topK: number(1),
    seed: whole(-(2 ** 31), 2 ** 31 - 1),
    presencePenalty: number(-2, 2),
    frequencyPenalty: number(-2, 2),
    responseLogprobs: flag,
    logprobs: whole(0, 20),
    enableEnhancedCivicAnswers: flag,
    speechConfig: openObject,
    imageConfig: openObject,
    thinkingConfig: THINKING_CONFIG,
    mediaResolution: text(),
  },
);

/** The body of `generateContent`, in camel case. Source: https://ai.google.dev/api/generate-content */
export const GENERATE_BODY = object(
  {},
  {
    model: text(),
    contents: list(CONTENT),
    systemInstruction: CONTENT,
    tools: list(TOOL),
    toolConfig: TOOL_CONFIG,
    safetySettings: list(SAFETY_SETTING),
    generationConfig: GENERATION_CONFIG,
    cachedContent: text(),
    serviceTier: text(),
    store: flag,
  },
);
