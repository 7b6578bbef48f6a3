import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { healthCheck, reflection, type ServicesListed } from "./grpc-standard.ts";
import { call, methodNamed } from "./grpc.ts";
import type { Mesh } from "./mesh.ts";

const SERVICES = [
  ["GATEWAY", ["alfred.v1.GatewayService"]],
  ["METERING", ["alfred.v1.MeteringService"]],
  ["WALLET", ["alfred.v1.WalletService"]],
  ["DIRECTORY", ["alfred.v1.DirectoryService", "alfred.v1.ConfigService"]],
  ["AUDIT", ["alfred.v1.AuditService"]],
] as const;

/** What an operator sees with grpcurl, and an internal service with its stubs. */
export function grpcSpec(mesh: () => Mesh): void {
  describe.each(SERVICES)("%s over gRPC", (service, names) => {
    test("is healthy to a client without a key", async () => {
      const client = new Client(mesh().address(service), credentials.createInsecure());
      const status = await new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = healthCheck;
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error, answer) => {
          if (error === null) resolve(answer?.status);
          else reject(error);
        });
      });
      client.close();
      expect(status).toBe("SERVING");
    });

    test("lists itself by reflection to a client without a key", async () => {
      const client = new Client(mesh().address(service), credentials.createInsecure());
      const { path, requestSerialize, responseDeserialize } = reflection;
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      stream.write({ list_services: "" });
      const answer = await new Promise<ServicesListed>((resolve, reject) => stream.on("error", reject).on("data", resolve));
      stream.end();
      client.close();
      const listed = answer.list_services_response.service.map(({ name }) => name);
      for (const name of names) expect(listed).toContain(name);
    });
  });

  test("a chat over gRPC streams: started, chunks, ended", async () => {
    const request = { chat: { model: "gpt-4o-mini", messages: [{ role: "user", text: "Good day" }] } };
    const { messages, error } = await call(mesh().address("GATEWAY"), methodNamed("StreamChatCompletion"), request, mesh().demoKey);
    expect(error).toBeUndefined();
    expect(messages[0]?.["event"]).toBe("started");
    expect(messages.at(-1)?.["event"]).toBe("ended");
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.slice(1, -1).every(({ event }) => event === "chunk")).toBe(true);
  });

  test("an error carries google.rpc.ErrorInfo", async () => {
    const wrong = "wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    const { error } = await call(mesh().address("GATEWAY"), methodNamed("ListModels"), {}, wrong);
    expect(error?.metadata.get("grpc-status-details-bin").toString()).toContain("KEY_INVALID");
  });
}
