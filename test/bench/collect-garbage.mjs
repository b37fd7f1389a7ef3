/**
 * Loaded before a server that is measured (`node --import`): on a message it collects its garbage and says what is left,
 * and it ends with who started it.
 * JavaScript, because what takes the types out of TypeScript would be most of a small server's memory.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('message', (message) => {
  if (message !== 'collect garbage') return
  collect()
  // Also the room that the heap has kept for what is to come.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { rss, heapUsed } = process.memoryUsage()
  process.send({ rss, heapUsed })
})
// Listening to its parent is no reason to live, and without it there is none.
process.channel?.unref()
process.once('disconnect', () => process.exit())
