/**
 * gRPC made safe once: transport-neutral handlers behind one chain of interceptors, bound to a socket or in process;
 * clients with deadlines, retries and typed errors over either; watches on both sides; and the keys that say who asks.
 * grpc-js lives only here.
 */
export type { CallContext } from "./call/context.ts";
export type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "./call/definition.ts";
export { implement } from "./call/implement.ts";
export type { Handler, Handlers, ServiceBinding } from "./call/implement.ts";
export { MAX_MESSAGE_BYTES } from "./call/limits.ts";
export { nobody, principalOfKey, servicePrincipal } from "./call/principal.ts";
export type { Authenticator, Principal } from "./call/principal.ts";
export type { OutgoingCall, Transport } from "./call/transport.ts";
export type { CallOptions, ClientDefaults } from "./client/call-options.ts";
export { callBytes } from "./client/call-bytes.ts";
export { checkHealth } from "./client/check-health.ts";
export { createClient } from "./client/client.ts";
export type { Client } from "./client/client.ts";
export { socketTransport } from "./client/socket-transport.ts";
export type { SocketTransport, SocketTransportOptions } from "./client/socket-transport.ts";
export { contractDescriptors, Descriptors } from "./contract/descriptors.ts";
export type { HttpRule } from "./contract/http-rule.ts";
export { KeyRing } from "./keys/key-ring.ts";
export type { KeyEvent, KeyRingOptions } from "./keys/key-ring.ts";
export { keysOf, serveWithKeys } from "./keys/serve-with-keys.ts";
export type { KeyedServing, OpenKeys, ServeWithKeysOptions } from "./keys/serve-with-keys.ts";
export { ListenError } from "./server/listen-error.ts";
export { createServer, RpcServer } from "./server/server.ts";
export type { RpcServerOptions } from "./server/server.ts";
export { Broadcast } from "./watch/broadcast.ts";
export type { SubscribeOptions, Subscription } from "./watch/broadcast.ts";
export { backoffMs } from "./client/retry.ts";
export { follow } from "./watch/follow.ts";
export type { EventOf, FollowOptions, WatchResponse } from "./watch/follow.ts";
export { watchStream } from "./watch/watch-stream.ts";
export type { Delta, DeltasSince, HistoryWatch, StateWatch, WatchEvent } from "./watch/watch-stream.ts";
