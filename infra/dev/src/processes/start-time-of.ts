import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * When a living process was started, as its system says it; undefined when there is none, or only its zombie.
 * Together with the process id it names a process for good: the id alone may be somebody else's by now.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return linuxStartTime(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

function linuxStartTime(stat: string): string | undefined {
  // "pid (name) state …": the name may hold spaces and brackets. The start time is field 22, the state field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}
