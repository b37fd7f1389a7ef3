type Environment = Readonly<Record<string, string | undefined>>

/** Traces are sent only where the standard OpenTelemetry variables name a receiver. */
export function tracingWanted(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
}
