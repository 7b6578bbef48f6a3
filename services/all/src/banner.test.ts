import { describe, expect, it } from "vitest";
import { bannerText } from "./banner.ts";

const text = bannerText({
  version: "1.2.3",
  edgeUrl: "http://127.0.0.1:8080",
  addresses: { gateway: "127.0.0.1:50051", wallet: "127.0.0.1:50053" },
  demoKey: "sk-demo",
  rootKeyHint: "in .alfred/secrets.json",
  model: "gpt-4o-mini",
  embedded: ["Postgres"],
  real: [],
});

describe("the banner", () => {
  it("says version, addresses and keys, and what is embedded", () => {
    for (const words of ["Alfred 1.2.3", "http://127.0.0.1:8080", "127.0.0.1:50053", "sk-demo", ".alfred/secrets.json"]) {
      expect(text).toContain(words);
    }
    expect(text).toContain("embedded: Postgres\nreal: nothing\n");
  });

  it("has a curl line that a shell takes as it is", () => {
    const line = text.split("\n").find((each) => each.startsWith("curl"));
    expect(line).toContain("http://127.0.0.1:8080/v1/chat/completions");
    const body = /-d '(.*)'$/.exec(line ?? "")?.[1] ?? "";
    expect(JSON.parse(body)).toEqual({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] });
  });

  it("has a grpcurl line for the gateway", () => {
    expect(text).toContain("-H 'authorization: Bearer sk-demo' 127.0.0.1:50051 alfred.v1.GatewayService/ListModels\n");
  });
});
