/** What the banner says of a mesh that is ready. */
export interface Banner {
  readonly version: string;
  /** The HTTP edge, such as `http://127.0.0.1:8080`. */
  readonly edgeUrl: string;
  /** The gRPC address of each service, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly demoKey: string;
  /** Where the administrator's key is found; the key itself is not printed. */
  readonly rootKeyHint: string;
  /** A model that the demo key may call, for the lines to paste. */
  readonly model: string;
  /** Parts that are embedded, such as "Postgres". */
  readonly embedded: readonly string[];
  /** Parts that are the real thing, such as "Redis (REDIS_URL)". */
  readonly real: readonly string[];
}

/** The banner as text, without colour, ending in a newline; the command lines in it work as they are pasted. */
export function bannerText(banner: Banner): string {
  const { version, edgeUrl, addresses, demoKey, rootKeyHint } = banner;
  const width = Math.max(...Object.keys(addresses).map((name) => name.length), "edge".length);
  const rows = Object.entries({ edge: edgeUrl, ...addresses }).map(([name, at]) => `  ${name.padEnd(width)}  ${at}`);
  return [
    "",
    `Alfred ${version} is ready`,
    "",
    ...rows,
    "",
    `  demo key  ${demoKey}`,
    `  root key  ${rootKeyHint}`,
    "",
    "Try it:",
    "",
    curlLine(banner),
    "",
    grpcurlLine(banner),
    "",
    `embedded: ${banner.embedded.join(", ") || "nothing"}`,
    `real: ${banner.real.join(", ") || "nothing"}`,
    "",
  ].join("\n");
}

/** Prints the banner to standard output. */
export function printBanner(banner: Banner): void {
  process.stdout.write(bannerText(banner));
}

function curlLine({ edgeUrl, demoKey, model }: Banner): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  const headers = `-H 'authorization: Bearer ${demoKey}' -H 'content-type: application/json'`;
  return `curl -i ${edgeUrl}/v1/chat/completions ${headers} -d '${body}'`;
}

function grpcurlLine({ addresses, demoKey }: Banner): string {
  const header = `-H 'authorization: Bearer ${demoKey}'`;
  return `grpcurl -plaintext ${header} ${addresses["gateway"] ?? ""} alfred.v1.GatewayService/ListModels`;
}
