import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { connectorWithAge } from "./connection-age.ts";

/** How connections to providers are made. */
export interface WayOutConfig {
  /** Connections per origin at most; what comes on top waits. */
  readonly maxConnections: number;
  /** How long making a connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Authorities to trust besides Node's own, which `NODE_EXTRA_CA_CERTS` adds to; PEM. */
  readonly certificateAuthority: string | undefined;
  /** Proxies by scheme and the hosts that need none, as `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. */
  readonly proxies: ProxyConfig;
}

export interface ProxyConfig {
  readonly http: string | undefined;
  readonly https: string | undefined;
  readonly except: string;
}

/** Idle connections are kept for half a minute unless the provider names another time. */
const KEEP_ALIVE_MS = 30_000;

/**
 * What all calls to providers go through: HTTP/1.1 with one request at a time per connection and long keep-alive, through
 * a proxy where one is set for the scheme and the host is not excepted.
 */
export function createWayOut(config: WayOutConfig): Dispatcher {
  const authorities = trusted(config.certificateAuthority);
  const options: Agent.Options = {
    connections: config.maxConnections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Each call minds its own time, from the first byte to the last.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectorWithAge({ timeout: config.connectTimeoutMs, allowH2: false, ...authorities }),
  };
  const { http, https, except } = config.proxies;
  if (http === undefined && https === undefined) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    requestTls: { timeout: config.connectTimeoutMs, ...authorities },
    proxyTls: { timeout: config.connectTimeoutMs, ...authorities },
    // Empty texts, so that undici does not look into the environment by itself.
    httpProxy: http ?? "",
    httpsProxy: https ?? "",
    noProxy: except,
  });
}

function trusted(pem: string | undefined): { ca?: string[] } {
  return pem === undefined ? {} : { ca: [...getCACertificates("default"), pem] };
}
