import { describe, expect, test } from "vitest";
import type { Json } from "../loose-json.ts";
import { bodyOf, mapped } from "./fixtures.ts";

const text = (value: string): Json => ({ type: "text", text: value });
const turns = (messages: unknown[], model?: string): unknown => bodyOf({ messages }, model)["messages"];
const contentOf = (content: unknown[]): unknown => bodyOf({ messages: [{ role: "user", content }] })["messages"];

describe("instructions", () => {
  const messages = [
    { role: "system", content: "One" },
    { role: "developer", content: [{ type: "text", text: "Two", cache_control: { type: "ephemeral" } }] },
    { role: "user", content: "Hi" },
    { role: "system", content: "Three" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: "Bye" },
  ];

  test("stand before the conversation, wherever they stood", () => {
    expect(bodyOf({ messages })).toMatchObject({
      system: [text("One"), { ...text("Two"), cache_control: { type: "ephemeral" } }, text("Three")],
      messages: [{ role: "user", content: [text("Hi")] }, { role: "assistant", content: [text("Hello")] }, { role: "user", content: [text("Bye")] }],
    });
  });

  test("keep their place where the model takes them there, so that what was thought before stays true", () => {
    const body = bodyOf({ messages }, "claude-opus-5-5");
    expect(body["system"]).toHaveLength(2);
    expect(body["messages"]).toMatchObject([{ role: "user" }, { role: "system", content: [text("Three")] }, { role: "assistant" }, { role: "user" }]);
  });

  test("alone are said by the user", () => {
    expect(bodyOf({ messages: [{ role: "system", content: "One" }] })).not.toHaveProperty("system");
    expect(turns([{ role: "system", content: "One" }])).toEqual([{ role: "user", content: [text("One")] }]);
  });

  test("are text", () => {
    const image = { type: "image_url", image_url: { url: "https://a.test/b.png" } };
    expect(mapped({ messages: [{ role: "system", content: [image] }, { role: "user", content: "Hi" }] }).unsupported).toEqual(["messages[0].content[0]"]);
  });
});

describe("content", () => {
  test("of images is by URL or in base64", () => {
    const image = (url: string, detail?: string): Json => ({ type: "image_url", image_url: { url, detail } });
    expect(contentOf([image("https://a.test/b.png", "high"), image("data:image/png;base64,iVBO"), image("data:image/jpg;base64,/9j/")])).toEqual([
      {
        role: "user",
        content: [
          { type: "image", source: { type: "url", url: "https://a.test/b.png" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
          { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "/9j/" } },
        ],
      },
    ]);
  });

  test("of files is a document", () => {
    const file = (fileData: string): Json => ({ type: "file", file: { filename: "f", file_data: fileData }, citations: { enabled: true } });
    const parts = [file("data:application/pdf;base64,JVBE"), file("data:text/plain;base64,R3LDvMOfZQ=="), file("data:text/markdown,%23%20a"), file("data:image/png;base64,iVBO")];
    expect(contentOf(parts)).toMatchObject([
      {
        content: [
          { type: "document", title: "f", citations: { enabled: true }, source: { type: "base64", media_type: "application/pdf", data: "JVBE" } },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "# a" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
        ],
      },
    ]);
  });

  test("in the API's own blocks passes as it is", () => {
    const block = { type: "document", source: { type: "url", url: "https://a.test/b.pdf" }, cache_control: { type: "ephemeral", ttl: "1h" } };
    expect(contentOf([{ type: "text", text: "" }, block])).toEqual([{ role: "user", content: [block] }]);
  });

  test("leaves out what a client spreads of a message over its parts", () => {
    const spread = { ...text("Hello"), role: "assistant", refusal: null, annotations: [], extra_content: { google: {} } };
    expect(turns([{ role: "user", content: "Hi" }, { role: "assistant", content: [spread] }])).toMatchObject([{}, { role: "assistant", content: [text("Hello")] }]);
    expect(JSON.stringify(turns([{ role: "user", content: "Hi" }, { role: "assistant", content: [spread] }]))).not.toMatch(/annotations|refusal|google/);
  });

  test.each([
    [{ type: "input_audio", input_audio: { data: "UklG", format: "wav" } }, "input_audio"],
    [{ type: "file", file: { file_id: "file_1" } }, "file.file_id"],
    [{ type: "file", file: { file_data: "data:application/zip;base64,UEs=" } }, "file.file_data"],
    [{ type: "file", file: { file_data: "JVBE" } }, "file.file_data"],
    [{ type: "file", file: { file_data: "data:text/plain,%E0%A4%A" } }, "file.file_data"],
    [{ type: "image_url", image_url: { url: "data:image/bmp;base64,Qk0=" } }, "image_url"],
    [{ type: "image_url", image_url: { url: "https://a.test/b.png", detail: "low" } }, "image_url.detail"],
  ])("that cannot be sent is named: %j", (part, field) => {
    expect(mapped({ messages: [{ role: "user", content: [{ type: "text", text: "See" }, part] }] }).unsupported).toEqual([`messages[0].content[1].${field}`]);
  });

  test("that cannot be sent is named, also where nothing else was said", () => {
    expect(mapped({ messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "UklG", format: "wav" } }] }] }).unsupported).toEqual(["messages[0].content[0].input_audio"]);
  });

  test("that names a file of the operator's is not sent, however deep", () => {
    const document = { type: "document", source: { type: "file", file_id: "file_1" } };
    const parts = [{ type: "text", text: "See", source: document.source }, document, { type: "tool_result", content: [document] }, { type: "container_upload", file_id: "file_1" }];
    const messages = [{ role: "user", content: parts }, { role: "assistant", content: "So.", content_blocks: [document] }];
    const { unsupported, request } = mapped({ messages });
    expect(unsupported).toEqual(["messages[0].content[0]", "messages[0].content[1]", "messages[0].content[2]", "messages[0].content[3]", "messages[1].content_blocks"]);
    expect(JSON.stringify(request)).not.toContain("file_1");
  });

  test("of a role that is not known, names and unknown fields are named too", () => {
    const messages = [{ role: "user", name: "Ann", content: "Hi", novel: 1, annotations: [] }, { role: "function", name: "f", content: "1" }];
    expect(mapped({ messages }).unsupported).toEqual(["messages[0].name", "messages[0].novel", "messages[1].role"]);
  });

  test("that is empty is refused", () => {
    expect(() => mapped({ messages: [{ role: "user", content: "" }] })).toThrow(expect.objectContaining({ metadata: { field: "messages" } }));
  });
});

describe("calls of tools", () => {
  const call = (id: string, args: string): Json => ({ id, type: "function", function: { name: "f", arguments: args } });
  const assistant = { role: "assistant", content: "", tool_calls: [call("a.1", '{"n":12345678901234567890}'), call("b", "")] };

  test("and their results come in one turn each", () => {
    const results = [
      { role: "tool", tool_call_id: "a.1", content: "1", name: "f" },
      { role: "tool", tool_call_id: "b", content: [text("2"), { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } }], is_error: true },
      { role: "tool", tool_call_id: "b", content: "" },
      { role: "user", content: "Go on" },
    ];
    const { request, unsupported } = mapped({ messages: [{ role: "user", content: "Hi" }, assistant, ...results] });
    expect(unsupported).toEqual([]);
    expect(JSON.stringify(request.body)).toContain('"input":{"n":1234567890123456');
    expect(request.body["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [{ type: "tool_use", id: "a_1", name: "f" }, { type: "tool_use", id: "b", input: {} }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a_1", content: [text("1")] },
          { type: "tool_result", tool_use_id: "b", is_error: true, content: [text("2"), { type: "image" }] },
          { type: "tool_result", tool_use_id: "b" },
          text("Go on"),
        ],
      },
    ]);
  });

  test.each(['{"a":', "5", "[]"])("with arguments that are no object are the client's to mend: %j", (args) => {
    expect(() => mapped({ messages: [{ role: "user", content: "Hi" }, { role: "assistant", tool_calls: [call("a", args)] }] })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "messages[1].tool_calls[0].function.arguments" } }),
    );
  });

  test.each([[" ", {}], ['{"a":1}', { a: 1 }]])("with arguments %j", (args, input) => {
    expect(turns([{ role: "assistant", tool_calls: [call("a", args)] }])).toEqual([{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input }] }]);
  });

  test("without an id are refused, and so are results", () => {
    const { id: _id, ...nameless } = call("a", "");
    expect(() => mapped({ messages: [{ role: "assistant", tool_calls: [nameless] }] })).toThrow(expect.objectContaining({ metadata: { field: "messages[0].tool_calls[0].id" } }));
    expect(() => mapped({ messages: [{ role: "tool", content: "1" }] })).toThrow(expect.objectContaining({ metadata: { field: "messages[0].tool_call_id" } }));
  });

  test("of free text are named", () => {
    const custom = { id: "a", type: "custom", custom: { name: "c", input: "x" } };
    expect(mapped({ messages: [{ role: "assistant", content: "Hm", tool_calls: [custom] }] }).unsupported).toEqual(["messages[0].tool_calls[0]"]);
  });
});

describe("an earlier answer", () => {
  const thinking = { type: "thinking", thinking: "Hm.", signature: "Eq" };
  const redacted = { type: "redacted_thinking", data: "Em" };

  test("gives its thoughts back as they were signed", () => {
    const message = { role: "assistant", content: "So.", reasoning_content: "Hm.", thinking_blocks: [thinking, redacted], annotations: [{ type: "url_citation" }] };
    expect(turns([message])).toEqual([{ role: "assistant", content: [thinking, redacted, text("So.")] }]);
  });

  test("without signatures gives none, and forged ones are named", () => {
    expect(turns([{ role: "assistant", content: "So.", reasoning_content: "Hm." }])).toEqual([{ role: "assistant", content: [text("So.")] }]);
    const message = { role: "assistant", content: "So.", thinking_blocks: [{ type: "thinking", thinking: "Hm." }] };
    expect(mapped({ messages: [message] }).unsupported).toEqual(["messages[0].thinking_blocks[0]"]);
  });

  test("is what it was made of, where it carries that", () => {
    const own = [thinking, text("So"), { type: "server_tool_use", id: "s", name: "web_search", input: {} }, text("")];
    const message = { role: "assistant", content: "So", thinking_blocks: [redacted], content_blocks: own };
    expect(turns([message])).toEqual([{ role: "assistant", content: own.slice(0, 3) }]);
  });

  test("that was a refusal, or another provider's, is said all the same", () => {
    const message = { role: "assistant", content: null, refusal: "No.", extra_content: { google: {} }, function_call: null };
    expect(turns([message])).toEqual([{ role: "assistant", content: [text("No.")] }]);
    expect(mapped({ messages: [{ role: "assistant", content: "So.", audio: { id: "a" } }] }).unsupported).toEqual(["messages[0].audio"]);
  });

  test("is marked for the cache by its last block", () => {
    const message = { role: "assistant", content: "So.", cache_control: { type: "ephemeral" } };
    expect(turns([message])).toEqual([{ role: "assistant", content: [{ ...text("So."), cache_control: { type: "ephemeral" } }] }]);
  });
});
