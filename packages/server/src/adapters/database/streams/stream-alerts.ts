import type { AlertRule, StreamResultView, StreamSettings } from "@tda-platform/contract/streams";
import type pg from "pg";
import type { NewResult } from "../../../domain/streams/stream.ts";
import { newId } from "../../../internal/ids.ts";

const insertDeliveries = `insert into tda.webhook_deliveries (project_id, id, stream_id, type, url, host, body)
  select project_id, id, stream_id, 'stream.alert', url,
    lower(coalesce(substring(url from '^[A-Za-z]+://([^/?#]*)'), '')), body
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    as given (project_id, id, stream_id, url, body)`;

interface Delivery {
  readonly projectId: string;
  readonly streamId: string;
  readonly url: string;
  readonly body: string;
}

/**
 * Webhooks of the alerts that new results have set off, in their transaction: each once. Where they go, the stream's rules say as
 * they are now.
 */
export async function insertAlerts(client: pg.PoolClient, results: readonly NewResult[]): Promise<void> {
  const alerting = results.filter(({ alerts }) => alerts.length > 0);
  if (alerting.length === 0) return;
  const { rows } = await client.query<{ id: string; settings: StreamSettings }>(
    "select id, settings from tda.streams where project_id = any($1) and id = any($2)",
    [alerting.map(({ projectId }) => projectId), alerting.map(({ streamId }) => streamId)],
  );
  const settings = new Map(rows.map((row) => [row.id, row.settings]));
  const deliveries = alerting.flatMap((result) => deliveriesOf(result, settings.get(result.streamId)));
  if (deliveries.length === 0) return;
  await client.query(insertDeliveries, [
    deliveries.map(({ projectId }) => projectId),
    deliveries.map(() => newId("dlv")),
    deliveries.map(({ streamId }) => streamId),
    deliveries.map(({ url }) => url),
    deliveries.map(({ body }) => body),
  ]);
}

function deliveriesOf(result: NewResult, settings: StreamSettings | undefined): Delivery[] {
  const rules = new Map((settings?.alerts ?? []).map((rule) => [rule.name, rule]));
  return result.alerts.flatMap((name) => {
    const rule = rules.get(name);
    if (rule === undefined || rule.callback_url === null) return [];
    const { projectId, streamId } = result;
    return [{ projectId, streamId, url: rule.callback_url, body: bodyOf(result, rule, settings!.name) }];
  });
}

/** In the form of the webhooks of jobs. */
function bodyOf({ streamId, body }: NewResult, { name, level }: AlertRule, streamName: string): string {
  const { id, key, window_start, window_end, outputs } = JSON.parse(Buffer.from(body).toString()) as StreamResultView;
  return JSON.stringify({
    type: "stream.alert",
    timestamp: new Date().toISOString(),
    data: {
      stream_id: streamId,
      stream_name: streamName,
      alert: name,
      level,
      key,
      window_start,
      window_end,
      distance: outputs.change_score?.distance ?? null,
      z_score: outputs.change_score?.z_score ?? null,
      result_id: id,
      results_path: `/v1/streams/${streamId}/results`,
    },
  });
}
