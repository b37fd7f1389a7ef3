import { oldestNatsVersion } from './nats-version.ts'

export class NatsNotFound extends Error {
  readonly code = 'nats_not_found'

  constructor() {
    super(
      [
        `No nats-server ${oldestNatsVersion} or newer could be found or fetched. Any one of these helps:`,
        '  - install nats-server and put it on PATH (https://nats.io/download)',
        '  - let this machine reach the release archive, or set SPOOL_NATS_DOWNLOAD_BASE to a mirror of it',
        '  - Debian or Ubuntu: let apt reach a mirror that carries a newer release',
        '  - start Docker',
        '  - run NATS elsewhere, with JetStream, and set NATS_URL',
      ].join('\n'),
    )
    this.name = 'NatsNotFound'
  }
}
