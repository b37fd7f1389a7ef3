import { createInterface } from 'node:readline/promises'
import type { Context } from '../command.ts'
import { usageProblem } from '../problem.ts'

/** Whether the person at the terminal agrees. Where nobody can be asked, `--yes` must have been said. */
export async function agree({ given, output, stdin, signal }: Context, question: string): Promise<boolean> {
  if (given.flag('yes')) return true
  if (stdin.isTTY !== true) throw usageProblem(`${question}\nNobody can be asked here: say --yes. Nothing was done.`)
  output.note(`${question} [y/N]`)
  const terminal = createInterface({ input: stdin })
  try {
    // Ctrl-D says nothing, so it agrees to nothing.
    const left = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    return /^y(es)?$/i.test((await Promise.race([terminal.question('', { signal }), left])).trim())
  } finally {
    terminal.close()
  }
}
