import { runCli } from './run-cli.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort())
}
// Whoever reads our output may stop early (`| head`).
process.stdout.on('error', () => process.exit(0))

const exitCode = await runCli(process.argv.slice(2), process.env, interrupted.signal)
// A pipe takes what it has room for; the rest is still ours to hand over.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
// What still tries to connect would keep us here.
process.exit(exitCode)
