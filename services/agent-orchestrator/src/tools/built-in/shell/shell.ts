import type { ShellSettings } from '@spool/config'
import * as z from 'zod'
import { zodTool } from '../zod-tool.ts'
import { workspaceLimits } from '../workspace/workspace-limits.ts'
import type { Workspaces } from '../workspace/workspaces.ts'
import { hiddenFolders } from './hidden-folders.ts'
import { type ConfinedLimits, runConfined, SETUP_MS } from './run-confined.ts'

/** To see the command's end, and to count its folder. */
const MARGIN_MS = 10_000

export const shell = (workspaces: Workspaces, settings: ShellSettings, folderLimits = workspaceLimits) =>
  zodTool({
    name: 'shell',
    description:
      "Runs a shell command in this conversation's folder on Linux. There is no network; only the folder keeps what is " +
      `written. Each command starts anew: nothing that it leaves running goes on. Time limit: ${settings.timeoutMs / 1000} s.`,
    input: z.strictObject({
      command: z
        .string()
        .min(1)
        .max(16_384)
        .refine((text) => !text.includes('\0'), 'must not contain NUL')
        .describe('For bash where it is installed, else sh'),
    }),
    asksFirst: true,
    repeatable: false,
    timeoutMs: SETUP_MS + settings.timeoutMs + MARGIN_MS,
    async run({ command }, { ref, signal }) {
      const limits = { ...shellLimits(settings), folder: folderLimits }
      const confinement = {
        owner: workspaces.owner,
        hidden: hiddenFolders([process.cwd(), workspaces.folder]),
      }
      const { exitCode, stoppedBy, stdout, stderr } = await workspaces.use(ref, (folder) =>
        runConfined(command, folder, limits, confinement, signal),
      )
      return { exit_code: exitCode, stdout, stderr, ...(stoppedBy !== null && { stopped_by: stoppedBy }) }
    },
  })

export function shellLimits({ timeoutMs, maxProcesses, maxMemoryBytes }: ShellSettings): ConfinedLimits {
  return {
    timeoutMs,
    cpuSeconds: Math.ceil(timeoutMs / 1000),
    maxProcesses,
    maxMemoryBytes,
    maxFileBytes: workspaceLimits.maxBytes,
    keptOutputBytes: 24 * 1024,
    maxOutputBytes: 8 * 1024 * 1024,
    folder: workspaceLimits,
  }
}
