import { startServices } from "@tda-platform/services";

/** The servers of the project `acceptance-distributed`, one of each for all its files; backends.ts reads where they are. */
export default async function setup(): Promise<() => Promise<void>> {
  const services = await startServices({ postgres: true, redis: true, s3: true, oidc: true });
  process.env.TDA_ACCEPTANCE_SERVICES = JSON.stringify(services.addresses);
  return services.stop;
}
