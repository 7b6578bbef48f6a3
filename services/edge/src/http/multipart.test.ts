import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { array, assert, asyncProperty, constantFrom, property, record, string, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyReader } from "./body.ts";
import { boundaryOf, readMultipart } from "./multipart.ts";

const TYPE = "multipart/form-data; boundary=B";
const FIELD = 'Content-Disposition: form-data; name="a"';
const FILE = 'Content-Disposition: form-data; name="file"; filename="x.wav"\r\nContent-Type: audio/wav';
const END = "--B--\r\n";

function part(head: string, content: string): string {
  return `--B\r\n${head}\r\n\r\n${content}\r\n`;
}

function read(body: string): { name: string; filename: string | undefined; contentType: string; text: string }[] {
  return readMultipart(Buffer.from(body, "latin1"), "B").map(({ name, filename, contentType, content }) => ({ name, filename, contentType, text: content.toString("latin1") }));
}

function faultOf(body: string): string {
  try {
    return read(body).every(({ name }) => name !== "") ? "" : "nameless";
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

function request(body: Buffer, pieceBytes: number, headers: Record<string, string> = {}): IncomingMessage {
  const pieces = Array.from({ length: Math.ceil(body.length / pieceBytes) }, (_, index) => body.subarray(index * pieceBytes, (index + 1) * pieceBytes));
  return Object.assign(Readable.from(pieces), { headers: { "content-type": TYPE, ...headers } }) as unknown as IncomingMessage;
}

describe("a form", () => {
  test("has fields and files, in their order, byte by byte", () => {
    expect(read(part(FIELD, "1") + part(FILE, "\r\n\0\xff--B") + part('content-disposition:form-data;name=b;filename=""', "") + END)).toEqual([
      { name: "a", filename: undefined, contentType: "", text: "1" },
      { name: "file", filename: "x.wav", contentType: "audio/wav", text: "\r\n\0\xff--B" },
      { name: "b", filename: "", contentType: "", text: "" },
    ]);
  });

  test.each([
    ["nothing but an end", END, 0],
    ["words before and after", `before\r\n${part(FIELD, "1")}${END}after`, 1],
    ["spaces after a boundary", part(FIELD, "1").replace("--B", "--B \t") + END, 1],
    ["no new line at its end", `${part(FIELD, "1")}--B--`, 1],
    ["a content that is almost a boundary", `${part(FILE, "a\r\n-B\n--B\r\n--")}${END}`, 1],
  ])("may have %s", (_, body, count) => {
    expect(read(body)).toHaveLength(count);
  });

  test.each([
    ['name="a\\"b"; filename="c:\\d"', 'a"b', "c:\\d"],
    ['name="a%22b%0d%0A"; filename="50%.wav"', 'a"b\r\n', "50%.wav"],
    ['name=a; filename="x; name=y"', "a", "x; name=y"],
    ['filename="x.wav"; name="a"', "a", "x.wav"],
    ['NAME="a"', "a", undefined],
  ])("names a part %s", (parameters, name, filename) => {
    expect(read(part(`Content-Disposition: form-data; ${parameters}`, "1") + END)).toMatchObject([{ name, filename }]);
  });

  test("has a file where a part says that it is no text, name or not", () => {
    expect(read(part(`${FIELD}\r\nContent-Type: audio/wav`, "1") + part(`${FIELD}\r\nContent-Type: text/plain; charset=utf-8`, "1") + END)).toMatchObject([{ filename: "" }, { filename: undefined }]);
  });

  test.each([
    ["is empty", "", "not in it"],
    ["has no boundary", "hello", "not in it"],
    ["has lines that end in LF", `${part(FIELD, "1")}${END}`.replaceAll("\r\n", "\n"), "not followed by a new line"],
    ["has a content with its boundary in it", part(FILE, "a\r\n--Bx") + END, "not followed by a new line"],
    ["lacks its last boundary", part(FIELD, "1"), "part 1 breaks off"],
    ["breaks off in a file", `--B\r\n${FILE}\r\n\r\nBYT`, "part 1 breaks off"],
    ["breaks off in a head", "--B\r\nContent-Disp", "head of part 1 breaks off"],
    ["breaks off in a boundary", `${part(FIELD, "1")}--`, "part 1 breaks off"],
    ["has a part without a name", part('Content-Disposition: form-data; filename="x"', "1") + END, "part 1 has no name"],
    ["has a part with an empty name", part('Content-Disposition: form-data; name=""', "1") + END, "part 1 has no name"],
    ["has a part without a disposition", part(FIELD, "1") + part("Content-Type: text/plain", "1") + END, "part 2 has no name"],
    ["has a part of another disposition", part('Content-Disposition: attachment; name="a"', "1") + END, "part 1 has no name"],
    ["has a part without a head", `--B\r\n\r\n\r\nv\r\n${END}`, "part 1"],
    ["has a head of nonsense", part(`${FIELD}\r\nnonsense`, "1") + END, "no list of headers"],
    ["says a header twice", part(`${FIELD}\r\n${FIELD}`, "1") + END, "each said once"],
    ["has a huge head", part(`${FIELD}\r\nX: ${"y".repeat(9_000)}`, "1") + END, "longer than 8192 bytes"],
    ["has a head in another encoding", part('Content-Disposition: form-data; name="\xe9"', "1") + END, "not valid UTF-8"],
    ["is encoded", part(`${FIELD}\r\nContent-Transfer-Encoding: base64`, "aGk=") + END, "is encoded"],
    ["has too many parts", part(FIELD, "1").repeat(129) + END, "more than 128 parts"],
  ])("is refused where it %s", (_, body, fault) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: "MALFORMED_BODY", message: expect.stringContaining(fault) as unknown }));
  });

  test.each([
    ["multipart/form-data; boundary=B", "B"],
    ['Multipart/Form-Data; charset=utf-8; BOUNDARY="a b"', "a b"],
    ["multipart/form-data", undefined],
    ["multipart/form-data; boundary=", undefined],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, "x".repeat(70)],
    ["multipart/mixed; boundary=B", undefined],
    ["application/json; boundary=B", undefined],
  ])("has by %s the boundary %s", (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });

  test("is the same in however small pieces it comes", async () => {
    const body = Buffer.from(part(FIELD, "é") + part(FILE, "\r\n--\0B") + END);
    for (let pieceBytes = 1; pieceBytes <= body.length; pieceBytes += 1) {
      const { json, files } = await new BodyReader().readForm(request(body, pieceBytes));
      expect(json).toEqual({ a: "é" });
      expect(files.get("file")?.[0]?.content.toString()).toBe("\r\n--\0B");
    }
  });

  test("is read as the platform reads it, whatever it holds", async () => {
    const name = string({ minLength: 1, unit: constantFrom("a", "Z", '"', " ", ";", "é", "\n", "%", "=") });
    const field = record({ name, file: constantFrom(undefined, "x.wav", 'a"b'), content: uint8Array({ maxLength: 60 }) });
    await assert(asyncProperty(array(field, { maxLength: 6 }), async (fields) => {
      const form = new FormData();
      for (const { name: key, file, content } of fields) {
        if (file === undefined) form.append(key, Buffer.from(content).toString("hex"));
        else form.append(key, new File([Uint8Array.from(content)], file, { type: "audio/wav" }));
      }
      const sent = new Response(form);
      const body = Buffer.from(await sent.clone().arrayBuffer());
      const theirs = await Promise.all(Array.from(await sent.formData(), async ([key, value]) => [key, typeof value === "string" ? value : Buffer.from(await value.arrayBuffer()).toString("latin1")]));
      const ours = readMultipart(body, boundaryOf(sent.headers.get("content-type") ?? "") ?? "").map(({ name: key, content }) => [key, content.toString("latin1")]);
      expect(ours.map(([, content]) => content)).toEqual(theirs.map(([, content]) => content));
      expect(ours.map(([key]) => key)).toEqual(theirs.map(([key]) => key?.replaceAll(/\r\n|\r|\n/g, "\r\n")));
    }), { numRuns: 100 });
  });

  test("is read or refused, and nothing else, however it is damaged", () => {
    const sound = part(FIELD, "1") + part(FILE, "BYTES") + END;
    const edit = record({ at: constantFrom(...sound.split("").keys()), put: constantFrom("", "\r", "\n", "--B", "-", ":", '"', "\0", "\r\n\r\n", ";") });
    assert(property(array(edit, { maxLength: 4 }), (edits) => {
      const body = edits.reduce((now, { at, put }) => now.slice(0, at) + put + now.slice(at + 1), sound);
      expect(["", "MALFORMED_BODY"]).toContain(faultOf(body));
    }));
  });
});

describe("the body of a form", () => {
  const whole = (fields: [string, string][]): Buffer => Buffer.from(fields.map(([name, value]) => part(`Content-Disposition: form-data; name="${name}"`, value)).join("") + END);

  test("is JSON, as far as it is no file", async () => {
    const body = whole([["n", "2"], ["stream", "True"], ["t[]", "1"], ["t[]", "2"], ["o[a]", "x"], ["o[b][]", "y"], ["text", "12"], ["temperature", "hot"], ["__proto__", "p"]]);
    const { json } = await new BodyReader().readForm(request(body, 7), { n: "number", stream: "flag", temperature: "number" });
    expect(JSON.parse(JSON.stringify(json))).toEqual(JSON.parse('{"n":2,"stream":true,"t":["1","2"],"o":{"a":"x","b":["y"]},"text":"12","temperature":"hot","__proto__":"p"}'));
  });

  test.each<[string, [string, string][], string]>([
    ["a field", [["a", "1"], ["a", "2"]], "a"],
    ["a list and a field", [["a[]", "1"], ["a", "2"]], "a"],
    ["a field and a list", [["a", "1"], ["a[]", "2"]], "a"],
    ["a field and an object", [["a", "1"], ["a[b]", "2"]], "a"],
    ["a field of an object", [["a[b]", "1"], ["a[b]", "2"]], "b"],
    ["a name that is none", [["a b", "1"]], "name"],
    ["a name with too many steps", [["a[b][c][d][e]", "1"]], "name"],
    ["a name with a step in its middle that is none", [["a[][b]", "1"]], "name"],
  ])("is refused where it says twice %s", async (_, fields, field) => {
    await expect(new BodyReader().readForm(request(whole(fields), 1_000))).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });

  test("has lists of files, and one file where it is no list", async () => {
    const files = (...names: string[]): Buffer => Buffer.from(names.map((name) => part(`Content-Disposition: form-data; name="${name}"; filename="f"`, name)).join("") + END);
    const { files: found } = await new BodyReader().readForm(request(files("image[]", "image[]", "mask"), 50));
    expect([...found].map(([name, each]) => [name, each.length])).toEqual([["image", 2], ["mask", 1]]);
    await expect(new BodyReader().readForm(request(files("mask", "mask"), 50))).rejects.toMatchObject({ metadata: { field: "mask" } });
  });

  test.each([
    [{ "content-type": "application/json" }, "UNSUPPORTED_MEDIA_TYPE"],
    [{ "content-type": "multipart/form-data" }, "UNSUPPORTED_MEDIA_TYPE"],
    [{ "content-encoding": "gzip" }, "UNSUPPORTED_MEDIA_TYPE"],
    [{ "content-length": String(33 * 1024 * 1024) }, "PAYLOAD_TOO_LARGE"],
  ])("is refused with %j", async (headers, code) => {
    await expect(new BodyReader().readForm(request(whole([["a", "1"]]), 10, headers))).rejects.toMatchObject({ code });
  });

  test("is refused where it is too large, whatever it says", async () => {
    await expect(new BodyReader().readForm(request(Buffer.alloc(33 * 1024 * 1024), 1024 * 1024))).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });
});
