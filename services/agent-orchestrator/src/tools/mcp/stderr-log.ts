import type { Logger } from '@spool/telemetry'

const maxLineLength = 1000
const maxLines = 100
const windowMs = 10_000

/** What a server writes to its standard error, at level debug, and of one that writes without end only the beginning. */
export function stderrLog(logger: Logger): (text: string) => void {
  let lines = 0
  let from = 0
  return (text) => {
    if (!logger.isLevelEnabled('debug')) return
    for (const line of text.split('\n')) {
      const now = performance.now()
      if (now - from > windowMs) {
        from = now
        lines = 0
      }
      if (line.trim() === '' || lines > maxLines) continue
      lines++
      if (lines > maxLines) logger.debug('The MCP server writes more than is logged')
      else logger.debug({ stderr: line.slice(0, maxLineLength) }, 'An MCP server wrote')
    }
  }
}
