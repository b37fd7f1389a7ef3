import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'

// Nothing ends the servers when this process is killed. The reaper does: a small shell that holds the reading end of a
// pipe, in a session of its own, which no Ctrl-C reaches. When our end closes, for whatever reason, it ends every process
// it was told of and deletes the scratch folder. A shell, because it starts in a millisecond and every test process has one.
const script = `
trap '' INT TERM HUP
processes=' '
while read -r verb process; do
  case $verb in
    started) processes="$processes$process " ;;
    ended) case $processes in *" $process "*) processes="\${processes%% $process *} \${processes#* $process }" ;; esac ;;
  esac
done
for process in $processes; do kill -"\${process#*:}" "\${process%:*}" 2>/dev/null; done
tries=0
for process in $processes; do
  while kill -0 "\${process%:*}" 2>/dev/null && [ $tries -lt 30 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "\${process%:*}" 2>/dev/null
done
[ -z "$1" ] || rm -rf "$1"
`

/** Ends the processes it knows of, and deletes a folder, when the process that made it is gone. */
export class Reaper {
  readonly #shell: ChildProcess
  readonly #orders: Writable

  constructor(scratchFolder = '') {
    this.#shell = spawn('/bin/sh', ['-c', script, 'spool-reaper', scratchFolder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#orders = this.#shell.stdin!
    // A reaper that was killed must not take its owner along; what it guarded is then merely unguarded.
    this.#orders.on('error', () => {})
    this.#shell.on('error', () => {})
    this.#shell.unref()
    if ('unref' in this.#orders && typeof this.#orders.unref === 'function') this.#orders.unref()
  }

  started(pid: number, endWith: NodeJS.Signals): void {
    this.#orders.write(`started ${pid}:${endWith.slice(3)}\n`)
  }

  ended(pid: number, endWith: NodeJS.Signals): void {
    this.#orders.write(`ended ${pid}:${endWith.slice(3)}\n`)
  }
}
