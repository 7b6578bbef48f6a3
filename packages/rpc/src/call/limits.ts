/** The largest message, in bytes: the 32 MiB that the edge lets through and room for what the mesh adds. */
export const MAX_MESSAGE_BYTES = 33 * 1024 * 1024;

/**
 * The receive window of a connection, in bytes. HTTP/2 starts with 64 KiB, which all calls of a connection share:
 * with 128 in flight that cost a factor of four in the 99th percentile (grpc-js 1.14, Node 26).
 */
export const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

/** How many messages of a stream may wait for a slow reader. */
export const STREAM_QUEUE_MESSAGES = 16;

/** Idle connections are probed this often, in milliseconds, and given up when the probe has no answer in time. */
export const KEEPALIVE_TIME_MS = 30_000;
export const KEEPALIVE_TIMEOUT_MS = 10_000;
