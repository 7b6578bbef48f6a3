import { connect } from "node:net";

const answerWithinMs = 2_000;

/**
 * Sends one line to a port of 127.0.0.1, or only listens when `line` is empty, and resolves with the first
 * line that comes back. Redis and NATS both open with plain text, so neither needs a client here.
 */
export function lineProbe(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let received = "";
    const settle = (act: () => void): void => {
      socket.destroy();
      act();
    };
    socket.setEncoding("utf8").setTimeout(answerWithinMs);
    socket.on("connect", () => line !== "" && socket.write(`${line}\r\n`));
    socket.on("data", (text) => {
      received += String(text);
      const end = received.indexOf("\r\n");
      if (end >= 0) settle(() => resolve(received.slice(0, end)));
    });
    socket.on("timeout", () => settle(() => reject(new Error(`port ${port} is silent`))));
    socket.on("error", (error) => settle(() => reject(error)));
    socket.on("close", () => reject(new Error(`port ${port} closed the connection`)));
  });
}
