import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../supervisor.ts";

export interface JavaProgram {
  /** A Java home. */
  readonly java: string;
  readonly classPath: string;
  readonly mainClass: string;
  readonly args?: readonly string[];
  readonly heapMb: number;
  /** More of them, such as system properties. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its working and temporary folder. */
  readonly folder: string;
  readonly logFile: string;
}

/** A JVM that stays small: its heap is fixed, it has few threads of its own, and it ends when its memory does. */
export function javaProgram(program: JavaProgram): Program {
  const { java, classPath, mainClass, args = [], heapMb, options = [], env = {}, folder, logFile } = program;
  const machine = [
    `-Xms${heapMb}m`,
    `-Xmx${heapMb}m`,
    "-XX:+UseSerialGC",
    "-XX:ReservedCodeCacheSize=96m",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    `-Djava.io.tmpdir=${folder}`,
  ];
  return {
    command: join(java, "bin", "java"),
    args: [...machine, ...options, "-cp", classPath, mainClass, ...args],
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC", MALLOC_ARENA_MAX: "2", ...env },
    logFile,
  };
}

/** All jars of a folder, in one order on every machine: which of two classes of one name is taken depends on it. */
export function jarsOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith(".jar"));
  return names
    .sort()
    .map((name) => join(folder, name))
    .join(":");
}

/** Log4j to standard output, which the supervisor writes into the program's log. */
export const log4jProperties = `rootLogger.level = WARN
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %-5p %c - %m%n
`;
