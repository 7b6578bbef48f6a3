import type { Socket } from "node:net";
import { buildConnector } from "undici";

const CONNECTED_MS = Symbol("connectedMs");

/**
 * Makes connections as undici does, whose errors tell since when their connection stood: a provider closes idle ones
 * whenever it likes, and what was being sent on them then was not begun.
 */
export function connectorWithAge(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, callback) => {
    connect(target, (...result) => {
      const [error, socket] = result;
      if (error === null) markErrors(socket);
      callback(...result);
    });
  };
}

/** When the connection of an error was made, as `performance.now()` tells it; undefined where that is not known. */
export function connectedMsOf(error: Error): number | undefined {
  const connectedMs: unknown = Reflect.get(error, CONNECTED_MS);
  return typeof connectedMs === "number" ? connectedMs : undefined;
}

function markErrors(socket: Socket): void {
  const connectedMs = performance.now();
  // Before undici hears of it and hands the same error to the call.
  socket.prependListener("error", (error) => Object.assign(error, { [CONNECTED_MS]: connectedMs }));
}
