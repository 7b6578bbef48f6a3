import { describe, expect, test } from "vitest";
import { startSim } from "./sim-client.ts";

describe("moderations", () => {
  test("judge each text, violent words alone being objected to", async () => {
    const { client } = await startSim();
    const { id, model, results } = await client.moderations.create({ input: ["I will kill them", "skill"] });
    expect([id, model]).toEqual(["modr-sim-1", "omni-moderation-latest"]);
    expect(results).toMatchObject([
      { flagged: true, categories: { violence: true, hate: false }, category_scores: { violence: 0.875 }, category_applied_input_types: { violence: ["text"] } },
      { flagged: false },
    ]);
  });

  test("judge a text and an image together", async () => {
    const { client } = await startSim();
    const image = { type: "image_url" as const, image_url: { url: "https://images.test/cat.png" } };
    const { results } = await client.moderations.create({ model: "omni-moderation-latest", input: [{ type: "text", text: "hi" }, image] });
    expect(results).toMatchObject([{ category_applied_input_types: { violence: ["text", "image"], hate: ["text"] } }]);
    await expect(client.moderations.create({ model: "text-moderation-latest", input: [image] })).rejects.toMatchObject({ status: 400, param: "input" });
  });

  test.each([{ input: [] }, { input: 7 }, {}])("are refused for %j", async (body) => {
    const { client } = await startSim();
    await expect(client.moderations.create(body as never)).rejects.toMatchObject({ status: 400, param: "input" });
  });

  test("of Mistral leave it to the client what to object to, and take no images", async () => {
    const { url } = await startSim();
    const ask = async (input: unknown): Promise<{ status: number; json: unknown }> => {
      const answer = await fetch(`${url}/mistral/v1/moderations`, { method: "POST", headers: { authorization: "Bearer k" }, body: JSON.stringify({ model: "mistral-moderation-latest", input }) });
      return { status: answer.status, json: await answer.json() };
    };
    expect(await ask("attack!")).toMatchObject({ status: 200, json: { results: [{ categories: { violence_and_threats: true, pii: false } }], usage: { prompt_tokens: 2 } } });
    expect((await ask([{ type: "text", text: "x" }])).status).toBe(422);
  });
});
