import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { connect, holdLease, type Kube } from "@leat/kube";
import { createAddressGuard, createHttp, createHttpPool, type Environment, proxiesOf } from "@leat/http";
import type { Logger } from "@leat/log";
import type { CommonConfig } from "./common-flags.ts";
import type { Program } from "./definition.ts";
import { createEventSinks } from "./event-sinks.ts";
import { createRecorder } from "./events.ts";
import { type Endpoint, listen } from "./endpoints.ts";
import type { Sample } from "./live-gauge.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { createMetricsPage } from "./metrics-page.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { runParts } from "./run-parts.ts";

/** A program and its configuration. */
export interface Hosted<Config extends CommonConfig = CommonConfig> {
  program: Program<Config>;
  config: Config;
}

export interface RunProgramsOptions {
  log: Logger;
  /** The environment of the process. */
  env: Environment;
  /** Stops everything; `runPrograms` resolves once all has ended. */
  signal: AbortSignal;
  /** A program leads and has listed all that it follows. */
  onReady?: (program: string) => void;
}

/** Which programs of this process serve; the probes answer from it. */
interface Readiness {
  programs: Map<string, "starting" | "standby" | "ready">;
}

/**
 * Runs controller programs in this process until `signal` aborts. They share the process, its metrics and its probes, and
 * nothing else.
 *
 * @throws Fault where a program cannot start, and when a leader loses its Lease (the process should restart)
 */
export async function runPrograms(
  hosted: readonly Hosted[],
  { log, env, signal, onReady }: RunProgramsOptions,
): Promise<void> {
  const metrics = createMetrics();
  const readiness: Readiness = { programs: new Map(hosted.map(({ program }) => [program.name, "starting"])) };
  metrics.live(metricCatalogue.programReady, () => hosted.map((one) => readySample(one, readiness)));
  await using endpoints = new AsyncDisposableStack();
  const ownPorts = new Set<number>();
  for (const endpoint of await serveEndpoints(hosted, metrics, readiness)) ownPorts.add(endpoints.use(endpoint).port);
  const failure = new AbortController();
  const both = AbortSignal.any([signal, failure.signal]);
  const running = hosted.map(async (one) => {
    const ready = () => {
      readiness.programs.set(one.program.name, "ready");
      onReady?.(one.program.name);
    };
    const standby = () => readiness.programs.set(one.program.name, "standby");
    try {
      const own = log.with({ controller: one.program.name });
      await runProgram(one, { log: own, env, metrics, ownPorts, signal: both, ready, standby });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(running);
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

function readySample({ program, config: { watchLabelSelector: shard = "" } }: Hosted, { programs }: Readiness): Sample {
  const labels = { program: program.name, ...(shard !== "" && { shard }) };
  return { labels, value: programs.get(program.name) === "ready" ? 1 : 0 };
}

interface Hosting {
  log: Logger;
  env: Environment;
  metrics: Metrics;
  /** Of this process. */
  ownPorts: Set<number>;
  signal: AbortSignal;
  ready: () => void;
  standby: () => void;
}

async function runProgram(
  { program, config }: Hosted,
  { log, env, metrics, ownPorts, signal, ready, standby }: Hosting,
): Promise<void> {
  await using kube = await connectTo(config, { env, userAgent: `leat/${program.name}`, metrics });
  const lost = new AbortController();
  if (config.enableLeaderElection) standby();
  await using lease = await lead(kube, { program, config, metrics, signal, lost });
  if (lease === undefined) return;
  log.info("starting", { leader: config.enableLeaderElection });
  const delivering = new AbortController();
  const proxies = proxiesOf(env);
  const guard = createAddressGuard(config.deniedNetworks, ownPorts);
  await using connections = createHttpPool({ proxies, guard });
  await using toReceiver = createHttp({ proxies });
  const { eventsAddr } = config;
  const sinks = createEventSinks(eventsAddr, { kube, http: toReceiver, log, metrics, signal: delivering.signal });
  const recorder = createRecorder(program.name, sinks, log);
  const running = AbortSignal.any([signal, lost.signal]);
  await runParts({
    program,
    config,
    kube,
    log,
    metrics,
    env,
    connections,
    guard,
    recorder,
    signal: running,
    onReady: ready,
  });
  const patience = AbortSignal.timeout(2000);
  await Promise.all(sinks.map((sink) => sink.flush(patience)));
  delivering.abort();
  if (lost.signal.aborted && !signal.aborted) throw lost.signal.reason;
  log.info("stopped");
}

interface Connecting {
  env: Environment;
  userAgent: string;
  metrics: Metrics;
}

function connectTo({ kubeconfig, context }: CommonConfig, { env, userAgent, metrics }: Connecting): Promise<Kube> {
  const requests = metrics.counter(metricCatalogue.requests);
  const methods = {
    get: "GET",
    list: "GET",
    watch: "GET",
    create: "POST",
    patch: "PATCH",
    apply: "PATCH",
    update: "PUT",
    delete: "DELETE",
  };
  return connect({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    env,
    userAgent,
    onRequest: ({ verb, code }) =>
      requests.inc({ code: String(code), method: methods[verb as keyof typeof methods] ?? verb.toUpperCase() }),
  });
}

interface Leading {
  program: Program;
  config: CommonConfig;
  metrics: Metrics;
  signal: AbortSignal;
  lost: AbortController;
}

/** The right to act; `undefined` where the program was stopped while it waited for it. */
async function lead(kube: Kube, leading: Leading): Promise<AsyncDisposable | undefined> {
  const { program, config, metrics, signal, lost } = leading;
  if (!config.enableLeaderElection) return { [Symbol.asyncDispose]: async () => {} };
  const shard = config.watchLabelSelector;
  const suffix = shard === undefined ? "" : `-${createHash("sha256").update(shard).digest("hex").slice(0, 8)}`;
  const name = `${program.name}-leader-election${suffix}`;
  const leads = metrics.gauge(metricCatalogue.leader);
  leads.set({ name }, 0);
  try {
    const lease = await holdLease(kube, {
      namespace: config.runtimeNamespace,
      name,
      identity: `${hostname()}_${crypto.randomUUID()}`,
      leaseMs: config.leaderElectionLeaseDuration,
      renewMs: config.leaderElectionRenewDeadline,
      retryMs: config.leaderElectionRetryPeriod,
      signal,
      onLost: (error) => lost.abort(error),
    });
    leads.set({ name }, 1);
    return lease;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** One endpoint for each address that the hosted programs ask for; programs that name the same one share it. */
async function serveEndpoints(hosted: readonly Hosted[], metrics: Metrics, readiness: Readiness): Promise<Endpoint[]> {
  const asked = (address: "metricsAddr" | "healthAddr") =>
    new Set(hosted.map(({ config }) => config[address]).filter((value) => value !== "0"));
  const [metricsAddresses, healthAddresses] = [asked("metricsAddr"), asked("healthAddr")];
  const endpoints: Endpoint[] = [];
  const page = createMetricsPage(metrics);
  for (const address of new Set([...metricsAddresses, ...healthAddresses])) {
    endpoints.push(
      await listen(address, (request, response) => {
        const path = request.url?.split("?")[0];
        if (path === "/metrics" && metricsAddresses.has(address)) {
          void page().then((rendered) => response.setHeader("content-type", metrics.contentType).end(rendered));
        } else if (path === "/healthz" && healthAddresses.has(address)) {
          response.end("ok");
        } else if (path === "/readyz" && healthAddresses.has(address)) {
          const starting = [...readiness.programs].filter(([, state]) => state === "starting").map(([name]) => name);
          response
            .writeHead(starting.length > 0 ? 503 : 200)
            .end(starting.length > 0 ? `starting: ${starting.join(", ")}` : "ok");
        } else {
          response.writeHead(404).end();
        }
      }),
    );
  }
  return endpoints;
}
