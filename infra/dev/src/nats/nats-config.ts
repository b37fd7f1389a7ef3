export interface NatsConfig {
  name: string
  port: number
  dataFolder: string
  host?: string
  maxPayloadBytes?: number | undefined
  /** With `always` an append is acknowledged when it is on the disk; by default, when it is written. */
  sync?: 'default' | 'always' | undefined
  cluster?: ClusterConfig | undefined
  /** More of the server's configuration, in its own language. */
  extra?: string | undefined
}

export interface ClusterConfig {
  name: string
  port: number
  routes: readonly string[]
  /** Default: yes. Clients are told where the other nodes are. */
  isAdvertised?: boolean | undefined
}

/** The configuration file of one nats-server with JetStream. */
export function natsConfig(config: NatsConfig): string {
  const { name, host = '127.0.0.1', port, maxPayloadBytes, sync, cluster, dataFolder, extra } = config
  const syncInterval = sync === 'always' ? ', sync_interval: always' : ''
  return [
    `server_name: ${JSON.stringify(name)}`,
    `listen: ${JSON.stringify(`${host}:${port}`)}`,
    maxPayloadBytes === undefined ? '' : `max_payload: ${maxPayloadBytes}`,
    `jetstream: { store_dir: ${JSON.stringify(dataFolder)}${syncInterval} }`,
    cluster === undefined ? '' : clusterConfig(cluster, host),
    extra ?? '',
  ]
    .filter(Boolean)
    .join('\n')
    .concat('\n')
}

function clusterConfig({ name, port, routes, isAdvertised = true }: ClusterConfig, host: string): string {
  const quoted = routes.map((route) => JSON.stringify(route)).join(', ')
  const parts = [
    `name: ${JSON.stringify(name)}`,
    `listen: ${JSON.stringify(`${host}:${port}`)}`,
    `routes: [${quoted}]`,
    ...(isAdvertised ? [] : ['no_advertise: true']),
  ]
  return `cluster: { ${parts.join(', ')} }`
}
