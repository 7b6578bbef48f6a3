/**
 * One RPC as ts-proto writes it down for grpc-js. The serialisers are methods here, so that a definition of known
 * messages is also one of unknown messages.
 */
export interface MethodDefinition<Request = unknown, Response = unknown> {
  /** "/alfred.v1.WalletService/Reserve" */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  requestSerialize(value: Request): Buffer;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(value: Response): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

/** A service as ts-proto writes it down: its methods by their name in camel case. */
export type ServiceDefinition = Readonly<Record<string, MethodDefinition>>;

/** The request message of a method. */
export type RequestOf<Method> = Method extends { requestDeserialize: (bytes: Buffer) => infer Request } ? Request : never;

/** The response message of a method, one of many where it streams. */
export type ResponseOf<Method> = Method extends { responseDeserialize: (bytes: Buffer) => infer Response }
  ? Response
  : never;

/** "alfred.v1.WalletService" of "/alfred.v1.WalletService/Reserve". */
export function serviceOfPath(path: string): string {
  return path.slice(1, path.lastIndexOf("/"));
}

/** "Reserve" of "/alfred.v1.WalletService/Reserve". */
export function methodOfPath(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
