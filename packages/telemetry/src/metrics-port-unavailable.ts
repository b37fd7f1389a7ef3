/** The port for /metrics and /healthz cannot be had. */
export class MetricsPortUnavailable extends Error {
  readonly code = 'metrics_port_unavailable'

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`Cannot listen on ${host}:${port} for /metrics. Set METRICS_PORT to a free port, or to 0 for any.`, options)
    this.name = 'MetricsPortUnavailable'
  }
}
