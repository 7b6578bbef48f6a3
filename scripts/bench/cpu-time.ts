import { readdirSync, readFileSync } from "node:fs";

/** The unit of /proc/<pid>/stat in microseconds: Linux shows users 100 ticks a second on every platform that Node runs on. */
const TICK_MICROS = 10_000;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMicros: number;
}

/** CPU microseconds since their start of a process and all below it, summed by what each of them is. */
export function cpuMicrosBelow(root: number): Map<string, number> {
  const rows = readProcesses();
  const sums = new Map<string, number>();
  const visit = (row: ProcessRow, inherited: string): void => {
    const name = nameOf(row.pid) ?? inherited;
    sums.set(name, (sums.get(name) ?? 0) + row.cpuMicros);
    for (const child of rows) if (child.parent === row.pid) visit(child, name);
  };
  for (const row of rows) if (row.pid === root) visit(row, "process");
  return sums;
}

/** What `before` does not hold yet of `after`, by name. */
export function cpuSpent(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([name, micros]) => [name, micros - (before.get(name) ?? 0)]));
}

function readProcesses(): ProcessRow[] {
  return readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? (readProcess(Number(entry)) ?? []) : []));
}

/** See proc_pid_stat(5): the fields after the name, which stands in parentheses, begin with the state. */
function readProcess(pid: number): ProcessRow | undefined {
  const text = readProc(pid, "stat");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 13) return undefined;
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { pid, parent: parent ?? 0, cpuMicros: ((user ?? 0) + (system ?? 0)) * TICK_MICROS };
}

const NAMES: readonly [pattern: RegExp, name: string][] = [
  [/services\/all\/src\/main\.ts/, "mesh"],
  [/services\/(\w+)\/src\/main\.ts/, "$1"],
  [/scripts\/mesh\.ts/, "supervisor"],
  [/redis-server/, "redis"],
  [/nats-server/, "nats"],
  [/postgres/, "postgres"],
];

function nameOf(pid: number): string | undefined {
  const command = readProc(pid, "cmdline").replaceAll("\0", " ");
  for (const [pattern, name] of NAMES) {
    const found = pattern.exec(command);
    if (found !== null) return name.replace("$1", found[1] ?? "");
  }
  return undefined;
}

/** Empty where the process has ended meanwhile. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
