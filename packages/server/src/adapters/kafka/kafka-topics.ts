import { setTimeout as sleep } from "node:timers/promises";
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import { TOPICS, type TopicDefinition } from "@tda-platform/contract/events/topics";
import { StartError } from "../../internal/start-error.ts";
import { clientOptions, type KafkaConnection, unavailable } from "./kafka-connection.ts";

export interface AppliedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly outcome: "created" | "changed" | "unchanged";
  /** Settings that were set, as `name=value`. */
  readonly settings: readonly string[];
}

export interface ApplyOptions {
  /** Of topics that are made; three, or as many as there are brokers, unless told. */
  readonly replicas: number | null;
  /** Looks, and changes nothing. */
  readonly isDryRun: boolean;
}

/** Of a batch of records. One of ours has at most 8 MiB. */
const BATCH_LIMIT_BYTES = 10_485_760;
const DAY_MS = 86_400_000;
const replicasWanted = 3;
const settleMs = 30_000;
const retryMs = 500;
const TOPIC = ConfigResourceTypes.TOPIC;

/**
 * Makes the topics that are missing and sets what the contract says of them. Idempotent. The number of partitions of a topic that is
 * there is never changed: keys would move to other partitions, and lose their order.
 * @throws StartError when a topic has another number, before anything is changed; DependencyUnavailable
 */
export async function applyTopics(
  connection: KafkaConnection,
  options: ApplyOptions,
): Promise<readonly AppliedTopic[]> {
  const admin = new Admin(clientOptions(connection, "tda-topics"));
  const made = new Map<string, AppliedTopic>();
  try {
    // Where nobody is there, that is told at once.
    await admin.listTopics();
    for (const end = Date.now() + settleMs; ; await sleep(retryMs)) {
      try {
        const applied = await applyOnce(admin, connection, options, made);
        await requireListed(admin, made);
        return applied;
      } catch (error) {
        // A cluster that has just started, or a topic that not all brokers have heard of.
        if (error instanceof StartError || Date.now() > end) throw error;
      }
    }
  } catch (error) {
    throw error instanceof StartError ? error : unavailable(error);
  } finally {
    await admin.close().catch(() => undefined);
  }
}

/** @param made What was told of topics that were made, by this attempt or an earlier one. */
async function applyOnce(
  admin: Admin,
  connection: KafkaConnection,
  { replicas, isDryRun }: ApplyOptions,
  made: Map<string, AppliedTopic>,
): Promise<readonly AppliedTopic[]> {
  const there = new Set(await admin.listTopics());
  const wanted = Object.entries<TopicDefinition>(TOPICS).map(([topic, definition]) => ({
    name: connection.prefix + topic,
    definition,
  }));
  const known = wanted.filter(({ name }) => there.has(name));
  const shapes = await shapesOf(
    admin,
    known.map(({ name }) => name),
  );
  for (const { name, definition } of known) {
    const shape = shapes.get(name);
    if (shape === undefined) throw new Error(`${name} is not known to all brokers yet`);
    requireSamePartitions(name, shape.partitions, definition);
  }
  const { brokers } = await admin.metadata({ topics: [] });
  const factor = replicas ?? Math.min(replicasWanted, brokers.size);
  const applied: AppliedTopic[] = [];
  for (const { name, definition } of wanted) {
    const shape = shapes.get(name) ?? null;
    const settings = settingsOf(definition, shape?.replicas ?? factor);
    if (shape === null) {
      const created = await create(admin, { name, definition, replicas: factor, settings, isDryRun });
      applied.push(created);
      if (!isDryRun) made.set(name, created);
    } else {
      const changed = await change(admin, { name, ...shape, settings, isDryRun });
      applied.push(made.get(name) ?? changed);
    }
  }
  return applied;
}

/** Brokers hear of a new topic a little after it was made. */
async function requireListed(admin: Admin, made: ReadonlyMap<string, unknown>): Promise<void> {
  if (made.size === 0) return;
  const there = new Set(await admin.listTopics());
  for (const name of made.keys()) if (!there.has(name)) throw new Error(`${name} is not known to all brokers yet`);
  await shapesOf(admin, [...made.keys()]);
}

interface Shape {
  readonly partitions: number;
  readonly replicas: number;
}

async function shapesOf(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, Shape>> {
  if (names.length === 0) return new Map();
  const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true });
  return new Map(
    [...topics].map(([name, { partitionsCount, partitions }]) => [
      name,
      { partitions: partitionsCount, replicas: partitions[0]?.replicas.length ?? 0 },
    ]),
  );
}

function requireSamePartitions(name: string, partitions: number, definition: TopicDefinition): void {
  if (partitions === definition.partitions) return;
  throw new StartError(
    `The topic ${name} has ${partitions} partitions, and ${definition.partitions} are wanted: the number of a topic with keys is not changed, since keys would lose their order. Nothing was changed.`,
  );
}

function settingsOf(
  { isCompacted, retentionDays }: TopicDefinition,
  replicas: number,
): Readonly<Record<string, string>> {
  return {
    "cleanup.policy": isCompacted ? "compact" : "delete",
    "retention.ms": retentionDays === null ? "-1" : String(retentionDays * DAY_MS),
    "min.insync.replicas": String(Math.max(1, replicas - 1)),
    "unclean.leader.election.enable": "false",
    "max.message.bytes": String(BATCH_LIMIT_BYTES),
    "message.timestamp.type": "CreateTime",
  };
}

interface Creation {
  readonly name: string;
  readonly definition: TopicDefinition;
  readonly replicas: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly isDryRun: boolean;
}

async function create(
  admin: Admin,
  { name, definition, replicas, settings, isDryRun }: Creation,
): Promise<AppliedTopic> {
  const { partitions } = definition;
  const configs = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
  if (!isDryRun) await admin.createTopics({ topics: [{ topic: name, partitions, replicas }], configs });
  return {
    name,
    partitions,
    replicas,
    outcome: "created",
    settings: configs.map((each) => `${each.name}=${each.value}`),
  };
}

interface Change extends Shape {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly isDryRun: boolean;
}

async function change(admin: Admin, { name, partitions, replicas, settings, isDryRun }: Change): Promise<AppliedTopic> {
  const [description] = await admin.describeConfigs({
    resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: Object.keys(settings) }],
  });
  const present = new Map(description?.configs.map((config) => [config.name, config.value]));
  const other = Object.entries(settings).filter(([setting, value]) => present.get(setting) !== value);
  if (other.length > 0 && !isDryRun) {
    const configs = other.map(([setting, value]) => ({
      name: setting,
      value,
      configOperation: IncrementalAlterConfigOperationTypes.SET,
    }));
    await admin.incrementalAlterConfigs({ resources: [{ resourceType: TOPIC, resourceName: name, configs }] });
  }
  const outcome = other.length > 0 ? "changed" : "unchanged";
  return { name, partitions, replicas, outcome, settings: other.map(([setting, value]) => `${setting}=${value}`) };
}
