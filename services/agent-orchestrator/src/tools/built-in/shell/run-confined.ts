import { setTimeout as sleep } from 'node:timers/promises'
import { ToolError } from '../../tool-error.ts'
import type { Folder } from '../workspace/folder.ts'
import { usageOf } from '../workspace/usage-of.ts'
import type { WorkspaceLimits } from '../workspace/workspace-limits.ts'
import { type Confinement, type ConfinedProcess, type Limits, startConfined } from './confined-process.ts'
import { KeptOutput } from './kept-output.ts'

export interface ConfinedLimits extends Limits {
  /** From the command's start. */
  readonly timeoutMs: number
  /** Kept of each of the two outputs. */
  readonly keptOutputBytes: number
  /** Of both together; beyond, the command is ended. */
  readonly maxOutputBytes: number
  readonly folder: WorkspaceLimits
}

export interface Outcome {
  /** null: ended before it had one. */
  readonly exitCode: number | null
  readonly stoppedBy: 'time_limit' | 'output_limit' | 'folder_limit' | null
  readonly stdout: string
  readonly stderr: string
}

const WATCH_MS = 200
/** Takes some 100 ms; longer where the machine is busy. */
export const SETUP_MS = 10_000

/** Runs a command in the session's folder to its end, or to a limit. It never runs unconfined: then it fails instead. */
export async function runConfined(
  command: string,
  folder: Folder,
  limits: ConfinedLimits,
  confinement: Confinement,
  signal: AbortSignal,
): Promise<Outcome> {
  const folderLimits = await roomFor(folder, limits.folder)
  signal.throwIfAborted()
  const child = started(() => startConfined(command, folder, limits, confinement))
  let stoppedBy: Outcome['stoppedBy'] = null
  const stop = (limit: Outcome['stoppedBy']) => {
    stoppedBy ??= limit
    child.kill()
  }
  const watchOutput = () => {
    if (stdout.bytes + stderr.bytes > limits.maxOutputBytes) stop('output_limit')
  }
  const stdout = new KeptOutput(child.stdout, limits.keptOutputBytes, watchOutput)
  const stderr = new KeptOutput(child.stderr, limits.keptOutputBytes, watchOutput)
  let isReady = false
  let timer = setTimeout(child.kill, SETUP_MS)
  child.setup.once('data', () => {
    isReady = true
    clearTimeout(timer)
    timer = setTimeout(() => stop('time_limit'), limits.timeoutMs)
  })
  const ended = new AbortController()
  const watching = watchFolder(folder, folderLimits, () => stop('folder_limit'), ended.signal)
  signal.addEventListener('abort', child.kill, { once: true })
  try {
    const exitCode = await child.exitCode.catch(notStarted)
    signal.throwIfAborted()
    if (!isReady && stoppedBy === null) throw cannotConfine(stderr.text())
    return { exitCode: stoppedBy === null ? exitCode : null, stoppedBy, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', child.kill)
    child.kill()
    ended.abort()
    await watching
  }
}

function started(start: () => ConfinedProcess): ConfinedProcess {
  try {
    return start()
  } catch (error) {
    return notStarted(error)
  }
}

function notStarted(error: unknown): never {
  throw cannotConfine(String(error))
}

/** A folder that is over its limits already may be tidied up by a command, but not be filled further. */
async function roomFor(folder: Folder, limits: WorkspaceLimits): Promise<WorkspaceLimits> {
  const { maxEntries, maxBytes, maxDepth } = limits
  const most = { ...limits, maxEntries: maxEntries * 10, maxBytes: maxBytes * 10, maxDepth: maxDepth * 10 }
  const { entries, bytes, depth, over } = await usageOf(folder, most)
  if (over) throw new ToolError('folder_full', 'The folder holds far more than it may. Nothing can be done in it.')
  return {
    ...limits,
    maxEntries: Math.max(maxEntries, entries),
    maxBytes: Math.max(maxBytes, bytes),
    maxDepth: Math.max(maxDepth, depth),
  }
}

/** What the folder holds has no limit of the kernel's: it is counted again and again. */
async function watchFolder(folder: Folder, limits: WorkspaceLimits, onOver: () => void, until: AbortSignal) {
  while (!until.aborted) {
    // Failing to look is no reason to let go on.
    const { over } = await usageOf(folder, limits).catch(() => ({ over: true }))
    if (over) onOver()
    await sleep(WATCH_MS, undefined, { signal: until }).catch(() => undefined)
  }
}

export const cannotConfine = (reason: string) =>
  new ToolError('shell_unavailable', 'This machine cannot confine a command, so none is run.', {
    cause: new Error(reason.trim().slice(0, 500)),
  })
