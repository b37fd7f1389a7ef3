// `npm start` and `npm run dev`: sets up what is missing, then runs the launcher under Node 24.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp, SetUpProblem } from './set-up.mjs'

const json = process.argv.some(
  (argument, index) => argument === '--log=json' || (argument === 'json' && process.argv[index - 1] === '--log'),
)
const print = (level, msg, more) =>
  process.stdout.write(
    json
      ? `${JSON.stringify({ time: new Date().toISOString(), level, service: 'launcher', msg, ...more })}\n`
      : `${msg}\n`,
  )
const done = (what, durationMs) =>
  json
    ? print('info', what, { durationMs: Math.round(durationMs) })
    : print('info', `  ✓ ${what.padEnd(52)} ${(durationMs / 1000).toFixed(1)} s`)
const say = (line) => print('info', json ? line : `    ${line}`)

try {
  const node = await setUp(done, say)
  runLauncher(node)
} catch (error) {
  if (!(error instanceof SetUpProblem)) throw error
  print('error', json ? error.message : `  ✗ ${error.message}`)
  process.exitCode = 1
}

function runLauncher(node) {
  const launcher = spawn(node, [join(root, 'infra/dev/dist/launcher/main.js'), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, SPOOL_STOP_WITH_INPUT: '1' },
    // A session of its own: Ctrl-C reaches it once, through us, and not once more through the terminal. Its input is a
    // pipe whose end tells it that we are gone, however that came about.
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  launcher.stdin.on('error', () => {})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.kill(signal))
  launcher.on('error', (error) => {
    print('error', `The launcher could not be started: ${error.message}`)
    process.exitCode = 1
  })
  launcher.on('exit', (code) => process.exit(code ?? 1))
}
