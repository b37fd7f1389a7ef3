/** What a reader may ask of JetStream about one LOG stream. Of other streams it may ask nothing. */
const askedOf = (stream: string) => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.ACK.${stream}.>`,
]

/** Answered with many messages. */
const pulledFrom = (stream: string) => `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`

/**
 * The accounts of a nats-server of Spool, in the server's own language: everything that is Spool's in one, and in
 * another, programs that only read the log. Not one account with permissions: whoever may ask JetStream anything may
 * say where the answer goes, and so have the server write into any stream of the account.
 */
export function natsAccounts(
  streams: readonly string[],
  { password, readerPassword }: { readonly password: string; readonly readerPassword: string },
): string {
  const asked = ['$JS.API.INFO', ...streams.flatMap(askedOf)]
  const pulled = streams.map(pulledFrom)
  return `accounts {
  SPOOL {
    jetstream: enabled
    users: [{ user: spool, password: ${password} }]
    exports: [
      { stream: "live.>", accounts: [READER] }
${asked.map((subject) => `      { service: "${subject}", accounts: [READER] }`).join('\n')}
${pulled.map((subject) => `      { service: "${subject}", response_type: stream, accounts: [READER] }`).join('\n')}
    ]
  }
  READER {
    users: [{ user: reader, password: ${readerPassword} }]
    imports: [
      { stream: { account: SPOOL, subject: "live.>" } }
${[...asked, ...pulled].map((subject) => `      { service: { account: SPOOL, subject: "${subject}" } }`).join('\n')}
    ]
  }
}
`
}

/** Of a deployment with so many shards. */
export function logStreams(shards: number): string[] {
  return shards === 1 ? ['LOG'] : Array.from({ length: shards }, (_, shard) => `LOG-${shard}`)
}
