import { flinkJob, startStack } from "@tda-platform/services/stack";

/**
 * The whole platform for the project `acceptance-stack`, once for all its files: Kafka, a registry and Flink under two servers, of which the
 * tests speak to the first as to any server that is somebody else's (TDA_ACCEPTANCE_URL).
 */
export default async function setup(): Promise<() => Promise<void>> {
  const stack = await startStack({ job: await flinkJob() });
  const [server] = stack.servers;
  process.env.TDA_ACCEPTANCE_URL = server!.url;
  process.env.TDA_ACCEPTANCE_API_KEY = server!.apiKey;
  process.env.TDA_ACCEPTANCE_KAFKA = stack.services.kafka.bootstrapServers;
  return stack.stop;
}
