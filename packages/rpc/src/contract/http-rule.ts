import { getOption, hasOption, toJson } from "@bufbuild/protobuf";
import type { DescExtension, DescMethod, FileRegistry, JsonValue } from "@bufbuild/protobuf";

/** One REST route of a method, from its `google.api.http` option. */
export interface HttpRule {
  /** "/alfred.v1.WalletService/Settle" */
  readonly path: string;
  /** The method's descriptor, with its request and response as `input` and `output`. */
  readonly method: DescMethod;
  /** "GET", "PUT", "POST", "DELETE", "PATCH", or the kind of a custom pattern. */
  readonly verb: string;
  /** "/admin/v1/reservations/{reservation_id}:settle" */
  readonly pattern: string;
  /** Whether a body fills the request; a body for one field of it is not served. */
  readonly hasBody: boolean;
}

type Json = { readonly [name: string]: JsonValue };

/** All rules of a registry, `additional_bindings` included, in the order of the files. */
export function readHttpRules(registry: FileRegistry): readonly HttpRule[] {
  const option = registry.getExtension("google.api.http");
  if (option === undefined) return [];
  const methods = [...registry.files].flatMap((file) => file.services).flatMap((service) => service.methods);
  return methods.flatMap((method) => rulesOf(method, option, registry));
}

function rulesOf(method: DescMethod, option: DescExtension, registry: FileRegistry): HttpRule[] {
  if (option.message === undefined || !hasOption(method, option)) return [];
  const rule = object(toJson(option.message, getOption(method, option) as never, { registry }));
  const additional = Array.isArray(rule["additionalBindings"]) ? rule["additionalBindings"] : [];
  return [rule, ...additional.map(object)].map((one) => readRule(method, one));
}

const VERBS = ["get", "put", "post", "delete", "patch"];

function readRule(method: DescMethod, rule: Json): HttpRule {
  const verb = VERBS.find((name) => name in rule);
  const custom = object(rule["custom"] ?? {});
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    method,
    verb: verb === undefined ? text(custom["kind"]) : verb.toUpperCase(),
    pattern: verb === undefined ? text(custom["path"]) : text(rule[verb]),
    hasBody: hasBody(method, rule),
  };
}

/** @throws TypeError for what nothing here can transcode */
function hasBody(method: DescMethod, rule: Json): boolean {
  const body = text(rule["body"]);
  if ((body === "" || body === "*") && text(rule["responseBody"]) === "") return body === "*";
  throw new TypeError(`${method.toString()}: only whole messages are bodies of REST routes.`);
}

function object(value: JsonValue): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
