import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { join } from "node:path";

export interface GiteaSetting {
  port: number;
  directory: string;
  /** Of its templates and options; `undefined` if they are in the program. */
  staticFiles: string | undefined;
}

type Keys = Record<string, string | number | boolean>;

/** The `app.ini` of a server for tests: SQLite, cheap passwords, webhooks to loopback; no SSH, mail, LFS or actions. */
export function configOf(setting: GiteaSetting): string {
  const general: Keys = {
    // Tests may run as root, in a container.
    I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: true,
    RUN_MODE: "prod",
    RUN_USER: userInfo().username,
    WORK_PATH: setting.directory,
  };
  const sections: Record<string, Keys> = {
    ...storageSections(setting.directory),
    server: serverSection(setting),
    security: {
      INSTALL_LOCK: true,
      SECRET_KEY: secret(),
      INTERNAL_TOKEN: secret(),
      PASSWORD_HASH_ALGO: "pbkdf2$1000$10",
    },
    oauth2: { ENABLED: false },
    service: { DISABLE_REGISTRATION: true },
    webhook: { ALLOWED_HOST_LIST: "loopback", DELIVER_TIMEOUT: 5 },
    log: { MODE: "console", LEVEL: "warn" },
    cron: { ENABLED: false },
    actions: { ENABLED: false },
    mailer: { ENABLED: false },
  };
  return [linesOf(general), ...Object.entries(sections).map(([name, keys]) => `[${name}]\n${linesOf(keys)}`)].join(
    "\n",
  );
}

function storageSections(directory: string): Record<string, Keys> {
  return {
    database: { DB_TYPE: "sqlite3", PATH: join(directory, "gitea.db"), SQLITE_JOURNAL_MODE: "WAL" },
    repository: { ROOT: join(directory, "repositories"), DEFAULT_BRANCH: "main" },
    indexer: { ISSUE_INDEXER_TYPE: "db" },
    queue: { TYPE: "channel" },
    session: { PROVIDER: "memory" },
  };
}

function serverSection({ port, directory, staticFiles }: GiteaSetting): Keys {
  const url = `http://127.0.0.1:${port}/`;
  return {
    HTTP_ADDR: "127.0.0.1",
    HTTP_PORT: port,
    ROOT_URL: url,
    LOCAL_ROOT_URL: url,
    DOMAIN: "127.0.0.1",
    APP_DATA_PATH: join(directory, "data"),
    ...(staticFiles === undefined ? {} : { STATIC_ROOT_PATH: staticFiles }),
    OFFLINE_MODE: true,
    DISABLE_SSH: true,
    LFS_START_SERVER: false,
  };
}

function linesOf(keys: Keys): string {
  return Object.entries(keys)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function secret(): string {
  return randomBytes(32).toString("hex");
}
