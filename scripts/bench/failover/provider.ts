// A provider of the bench of failovers, in a process of its own: the simulator, on the port that it is told, or a free one.
import { type Behaviour, createProviderSim } from "../../../packages/provider-sim/src/index.ts";

const [port = "0", behaviour = "{}"] = process.argv.slice(2);
const sim = createProviderSim({ behaviour: JSON.parse(behaviour) as Behaviour, requestLogSize: 1 });
const origin = await sim.listen("127.0.0.1", Number(port));
process.on("message", (next: Behaviour) => {
  sim.behaviour = next;
  process.send?.({ changed: true });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: Number(new URL(origin).port) });
