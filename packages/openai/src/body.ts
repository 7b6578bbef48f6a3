import type { Field } from "./field.ts";

/** What of a body is not in its request. */
interface Sent {
  /** The model as the provider names it. */
  readonly model: string;
  readonly stream?: boolean;
}

/** How a request becomes the body that is sent to a provider. */
export function bodyWriter<Request>(field: Field<Request>): (request: Request, sent: Sent) => Record<string, unknown> {
  return (request, { model, stream = false }) => {
    const body = { ...(field.write(request) as Record<string, unknown>), model };
    return stream ? { ...body, stream } : body;
  };
}
