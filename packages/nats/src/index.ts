/** The event bus: within one process, or over NATS JetStream. */
export type { AuditEvent, BatchHandler, BatchOptions, EventBus, EventHandler } from "./event-bus.ts";
export { InProcessBus } from "./in-process-bus.ts";
export type { InProcessBusOptions } from "./in-process-bus.ts";
export { JetStreamBus } from "./jet-stream-bus.ts";
export type { JetStreamBusOptions } from "./jet-stream-bus.ts";
