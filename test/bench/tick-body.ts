/** Something like the text of an answer, so that an event has the size that they have. */
const TEXT = 'and some words of what a model says, '.repeat(3)

/** @param atMs when it was due, in milliseconds since 1970 */
export function bodyOf(atMs: number): string {
  return `{"v":1,"type":"custom.tick","at":"${new Date(atMs).toISOString()}","text":"${TEXT}","made":${atMs.toFixed(3)}}`
}
