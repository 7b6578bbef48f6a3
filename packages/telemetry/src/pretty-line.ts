const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 31 };

/** One line of JSON as people read it at a terminal: time of day, level, name, message, then the other fields. */
export function prettyLine(line: string, colour: boolean): string {
  const { time, level, name, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = typeof level === "string" ? level : "info";
  const head = [clock(time), painted(shown.toUpperCase().padEnd(5), colours[shown] ?? 0, colour), typeof name === "string" ? name : ""];
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${[...head, ...(typeof msg === "string" ? [msg] : []), ...rest].join(" ")}\n${stackOf(err)}`;
}

function clock(time: unknown): string {
  return typeof time === "string" ? time.slice(11, 23) : "";
}

function painted(text: string, code: number, colour: boolean): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function stackOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  const text = typeof stack === "string" && stack !== "" ? stack : message;
  return typeof text === "string" ? `${text.replaceAll(/^/gm, "    ")}\n` : "";
}
