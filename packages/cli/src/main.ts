import { runCli } from './run-cli.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort())
}
// Whoever reads our output may stop early (`| head`).
process.stdout.on('error', () => process.exit(0))

// What still tries to connect would keep us here.
process.exit(await runCli(process.argv.slice(2), process.env, interrupted.signal))
