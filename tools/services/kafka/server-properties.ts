export interface BrokerPorts {
  /** For clients and the other brokers, without encryption. */
  readonly plain: number;
  readonly controller: number;
  /** For clients with a password, by TLS. */
  readonly secure?: number;
}

export interface SecureListener {
  readonly keyStore: string;
  readonly keyStorePassword: string;
  readonly username: string;
  readonly password: string;
}

interface Broker {
  readonly id: number;
  /** Of all brokers, by id from 1. */
  readonly ports: readonly BrokerPorts[];
  readonly dataFolder: string;
  readonly secure?: SecureListener;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A broker that is a controller too: `server.properties`, with what a cluster in production sets for keeping what it accepted. */
export function serverProperties({ id, ports, dataFolder, secure, settings = {} }: Broker): string {
  const mine = ports[id - 1]!;
  const replication = String(Math.min(3, ports.length));
  const inSync = ports.length >= 3 ? "2" : "1";
  const listener = (name: string, port: number) => `${name}://127.0.0.1:${port}`;
  const forClients = [
    listener("PLAIN", mine.plain),
    ...(mine.secure === undefined ? [] : [listener("SECURE", mine.secure)]),
  ];
  const all: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": String(id),
    "controller.quorum.voters": ports.map(({ controller }, n) => `${n + 1}@127.0.0.1:${controller}`).join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "listener.security.protocol.map": "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
    listeners: [...forClients, listener("CONTROLLER", mine.controller)].join(","),
    "advertised.listeners": forClients.join(","),
    "log.dirs": dataFolder,

    "default.replication.factor": replication,
    "min.insync.replicas": inSync,
    "unclean.leader.election.enable": "false",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": replication,
    "transaction.state.log.replication.factor": replication,
    "transaction.state.log.min.isr": inSync,
    "share.coordinator.state.topic.replication.factor": replication,
    "share.coordinator.state.topic.min.isr": inSync,

    // Small and quick: a test does not wait for a group to fill, nor for leaders to go home.
    "group.initial.rebalance.delay.ms": "0",
    // A broker that was killed is given up, and taken back, after 5 s, not 9.
    "broker.session.timeout.ms": "5000",
    "broker.heartbeat.interval.ms": "1000",
    "leader.imbalance.check.interval.seconds": "10",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "8",
    "share.coordinator.state.topic.num.partitions": "8",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    // Half of the heap unless told.
    "log.cleaner.dedupe.buffer.size": String(16 * 1024 * 1024),
    ...(secure && secureListener(secure)),
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

function secureListener({ keyStore, keyStorePassword, username, password }: SecureListener): Record<string, string> {
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  return {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.secure.plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
    "listener.name.secure.scram-sha-256.sasl.jaas.config": scram,
    "listener.name.secure.scram-sha-512.sasl.jaas.config": scram,
    "listener.name.secure.ssl.keystore.type": "PKCS12",
    "listener.name.secure.ssl.keystore.location": keyStore,
    "listener.name.secure.ssl.keystore.password": keyStorePassword,
  };
}
