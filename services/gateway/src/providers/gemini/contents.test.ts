import { describe, expect, test } from "vitest";
import { BASE, USER, ask, contents } from "./asking.ts";

// Source: https://ai.google.dev/api/caching#Content
describe("messages", () => {
  test("of the system stand apart, wherever they are", () => {
    const { body } = ask({ messages: [{ role: "system", content: "Be brief." }, USER, { role: "developer", content: "In French." }] });
    expect(body["systemInstruction"]).toEqual({ parts: [{ text: "Be brief." }, { text: "In French." }] });
    expect(body["contents"]).toEqual([{ role: "user", parts: [{ text: "Hi" }] }]);
  });

  test("of the system alone are said by the user, since something has to be answered", () => {
    const { body } = ask({ messages: [{ role: "system", content: "Say hello." }] });
    expect(body).toMatchObject({ contents: [{ role: "user", parts: [{ text: "Say hello." }] }] });
    expect(body).not.toHaveProperty("systemInstruction");
  });

  // Source: https://ai.google.dev/gemini-api/docs/file-input-methods
  test("hold text, images, sound and files, in place or by address", () => {
    const parts = [
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0=" } },
      { type: "image_url", image_url: { url: "https://example.com/a/cat.JPG?size=2", detail: "auto" } },
      { type: "image_url", image_url: { url: "https://example.com/cat" } },
      { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" } },
      { type: "file", file: { file_data: "data:text/plain,gr%C3%BCn" } },
      { type: "file", file: { file_id: "https://example.com/talk.mp4" }, video_metadata: { fps: 1 } },
    ];
    expect(contents({ role: "user", content: parts })).toEqual([
      {
        role: "user",
        parts: [
          { text: "Look" },
          { inlineData: { mimeType: "image/png", data: "iVBORw0=" } },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a/cat.JPG?size=2" } },
          { fileData: { fileUri: "https://example.com/cat" } },
          { inlineData: { mimeType: "audio/wav", data: "UklGRg==" } },
          { inlineData: { mimeType: "application/pdf", data: "JVBERg==" } },
          { inlineData: { mimeType: "text/plain", data: Buffer.from("grün").toString("base64") } },
          { fileData: { mimeType: "video/mp4", fileUri: "https://example.com/talk.mp4" }, video_metadata: { fps: 1 } },
        ],
      },
    ]);
  });

  test("name no file of the operator's account", () => {
    const content = [
      { type: "file", file: { file_id: "files/abc" } },
      { type: "image_url", image_url: { url: `${BASE}/files/abc` } },
      { type: "text", text: "x", file_data: { file_uri: `${BASE}/files/abc` } },
    ];
    const { unsupported, text } = ask({ messages: [{ role: "user", content }] });
    expect(unsupported).toEqual(["messages[0].content[0].file", "messages[0].content[1].image_url", "messages[0].content[2].text"]);
    expect(text).not.toContain("files/abc");
    const own = { functionResponse: { name: "f", response: { file_id: "x" }, parts: [{ fileData: { fileUri: `${BASE}/files/abc` } }] } };
    expect(ask({ messages: [USER, { role: "user", content: [own] }] }).unsupported).toEqual(["messages[1].content[0]"]);
    const harmless = { functionResponse: { name: "f", response: { file_id: "x" } } };
    expect(ask({ messages: [USER, { role: "user", content: [harmless] }] }).unsupported).toEqual([]);
  });

  test("say what they cannot say", () => {
    const content = [{ type: "video_url", video_url: { url: "x" } }, { type: "image_url", image_url: { url: "cat.png", detail: "low" } }];
    const { unsupported } = ask({ messages: [{ role: "user", name: "Ann", content }, { role: "function", content: "x" }, { role: "tool", tool_call_id: "none", content: "x" }] });
    expect(unsupported).toEqual([
      "messages[0].name", "messages[0].content[0].video_url", "messages[0].content[1].image_url.detail",
      "messages[0].content[1].image_url", "messages[1].role", "messages[2].tool_call_id",
    ]);
  });
});

// Source: https://ai.google.dev/gemini-api/docs/thought-signatures
describe("signatures of thoughts", () => {
  const call = (extra: object) => ({ id: "c1", type: "function", function: { name: "f", arguments: "{}" }, ...extra });
  const signature = { extra_content: { google: { thought_signature: "c2lnbg==" } } };

  test("go back with the call, or the text, that they came with", () => {
    expect(contents(USER, { role: "assistant", content: "I look.", tool_calls: [call(signature)] })).toMatchObject([
      {}, { parts: [{ text: "I look." }, { functionCall: { name: "f" }, thoughtSignature: "c2lnbg==" }] },
    ]);
    expect(contents(USER, { role: "assistant", content: "Done.", reasoning_content: "Hm", ...signature })).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: [{ text: "Done.", thoughtSignature: "c2lnbg==" }] },
    ]);
    expect(contents(USER, { role: "assistant", tool_calls: [call({})], ...signature })).toMatchObject([
      {}, { parts: [{ text: "", thoughtSignature: "c2lnbg==" }, { functionCall: {} }] },
    ]);
  });

  test("go back once where a client spreads a call, or a message, over what it sends back", () => {
    expect(contents(USER, { role: "assistant", content: null, tool_calls: [call(signature)], ...signature })).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: [{ functionCall: { id: "c1", name: "f", args: {} }, thoughtSignature: "c2lnbg==" }] },
    ]);
    const spread = { type: "text", text: "Done.", role: "assistant", annotations: [], ...signature };
    expect(contents(USER, { role: "assistant", content: [spread] })).toMatchObject([{}, { parts: [{ text: "Done.", thoughtSignature: "c2lnbg==" }] }]);
    expect(contents(USER, { role: "assistant", content: [spread] })).not.toMatchObject([{}, { parts: [{ role: "assistant" }] }]);
  });

  test("are stood for where another model made the call, for models that ask for them", () => {
    const messages = [USER, { role: "assistant", tool_calls: [call({}), call({})] }];
    const marked = { functionCall: { id: "c1", name: "f", args: {} }, thoughtSignature: "skip_thought_signature_validator" };
    const plain = { functionCall: { id: "c1", name: "f", args: {} } };
    expect(ask({ messages }, "gemini-3-pro-preview").body["contents"]).toMatchObject([{}, { parts: [marked, plain] }]);
    expect(ask({ messages }, "gemini-2.5-pro").body["contents"]).toEqual([{ role: "user", parts: [{ text: "Hi" }] }, { role: "model", parts: [plain, plain] }]);
  });

  test("go back with images and with parts of no known form", () => {
    const images = [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" }, ...signature }];
    const parts = [{ executableCode: { language: "PYTHON", code: "1+1" } }];
    const answer = { role: "assistant", content: "2", images, extra_content: { google: { parts } } };
    expect(contents(USER, answer)).toMatchObject([{}, { parts: [...parts, { text: "2" }, { inlineData: { data: "AA==" }, thoughtSignature: "c2lnbg==" }] }]);
  });
});
