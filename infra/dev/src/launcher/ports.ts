/** As in `ports.json`: `gateway-1`, `nats`, `postgres`; and where each service's /metrics is. */
export interface Ports {
  [process: string]: number | Record<string, number>
  metrics: Record<string, number>
}
