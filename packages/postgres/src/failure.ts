import { DatabaseError } from "pg";

const uniqueViolation = "23505";
const foreignKeyViolation = "23503";
const checkViolation = "23514";
const serializationFailure = "40001";
const deadlockDetected = "40P01";

/** Classes and codes that say that the server, not the statement, was at fault. */
const unavailableCodes = /^(?:08|53|57P|58)/;
const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"]);
/** What the driver says without a code when a connection ends or none is had in time. */
const lostConnection = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Whether a row of this kind exists already; of that constraint, if one is named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return violates(error, uniqueViolation, constraint);
}

/** Whether a row refers to one that does not exist, or is referred to; through that constraint, if one is named. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return violates(error, foreignKeyViolation, constraint);
}

/** Whether a value is outside what its table allows; by that constraint, if one is named. */
export function isCheckViolation(error: unknown, constraint?: string): boolean {
  return violates(error, checkViolation, constraint);
}

/** Whether the transaction lost to another one and may succeed when it is run again; nothing of it was kept. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === serializationFailure || error.code === deadlockDetected);
}

/** Whether the database could not be reached or could not work; a commit under way may or may not have been kept. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (error instanceof DatabaseError) return unavailableCodes.test(error.code ?? "");
  if (!(error instanceof Error)) return false;
  return ("code" in error && networkCodes.has(String(error.code))) || lostConnection.test(error.message);
}

function violates(error: unknown, code: string, constraint: string | undefined): boolean {
  if (!(error instanceof DatabaseError) || error.code !== code) return false;
  return constraint === undefined || error.constraint === constraint;
}
