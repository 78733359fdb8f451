import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installJavaService } from "./java/install.mjs";
import { jarsOf, javaProgram } from "./java/java-program.ts";
import type { DatabaseUrls } from "./postgres.ts";
import { ServerProcess } from "./server-process.ts";
import type { Supervisor } from "./supervisor.ts";

export interface RegistryOptions {
  /** Keeps schemas in a database of the PostgreSQL server that is started with it. Default: in a file of its own. */
  readonly inPostgres?: boolean;
}

export interface RegistryAddresses {
  /** The interface that Confluent's schema registry has, version 7. */
  readonly url: string;
}

const heapMb = 192;

/** Apicurio Registry. Schemas that it took are there after `kill` and `restart`. */
export class SchemaRegistry extends ServerProcess implements RegistryAddresses {
  private constructor(
    supervisor: Supervisor,
    folder: string,
    installed: { readonly java: string; readonly folder: string },
    storage: Readonly<Record<string, string>>,
  ) {
    super(supervisor, {
      name: "registry",
      program: (port) =>
        javaProgram({
          java: installed.java,
          classPath: jarsOf(installed.folder),
          mainClass: "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
          heapMb,
          env: {
            ...storage,
            QUARKUS_HTTP_HOST: "127.0.0.1",
            QUARKUS_HTTP_PORT: String(port),
            QUARKUS_LOG_LEVEL: "WARN",
          },
          folder,
          logFile: join(folder, "registry.log"),
        }),
      isReady: async () => {
        const answer = await fetch(`${this.url}/subjects`, { signal: AbortSignal.timeout(2000) });
        await answer.body?.cancel();
        return answer.ok;
      },
      stopSignal: "SIGTERM",
    });
  }

  static async start(
    supervisor: Supervisor,
    folder: string,
    _options: RegistryOptions = {},
    database?: DatabaseUrls,
  ): Promise<SchemaRegistry> {
    const installed = await installJavaService("registry");
    await mkdir(join(folder, "data"));
    const storage = database === undefined ? fileStorage(join(folder, "data")) : databaseStorage(database.ownerUrl);
    const server = new SchemaRegistry(supervisor, folder, installed, storage);
    await server.startUp();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/apis/ccompat/v7`;
  }
}

/** H2; without the delay a commit is in the file when it is answered. */
function fileStorage(folder: string): Record<string, string> {
  return {
    APICURIO_STORAGE_KIND: "sql",
    APICURIO_STORAGE_SQL_KIND: "h2",
    APICURIO_DATASOURCE_URL: `jdbc:h2:file:${join(folder, "registry")};WRITE_DELAY=0`,
  };
}

function databaseStorage(url: string): Record<string, string> {
  const { host, pathname, username, password } = new URL(url);
  return {
    APICURIO_STORAGE_KIND: "sql",
    APICURIO_STORAGE_SQL_KIND: "postgresql",
    APICURIO_DATASOURCE_URL: `jdbc:postgresql://${host}${pathname}`,
    APICURIO_DATASOURCE_USERNAME: username,
    APICURIO_DATASOURCE_PASSWORD: password,
    APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: "1",
    APICURIO_DATASOURCE_JDBC_MIN_SIZE: "1",
    APICURIO_DATASOURCE_JDBC_MAX_SIZE: "8",
  };
}
