/** The place where two lists of texts first differ, in words; `null`: nowhere. */
export function differenceOf(found: readonly string[], wanted: readonly string[]): string | null {
  const at = wanted.findIndex((one, index) => found[index] !== one)
  if (at < 0 && found.length === wanted.length) return null
  const place = at < 0 ? wanted.length : at
  const [is, due] = [found[place], wanted[place]]
  const where = `number ${place + 1} of ${wanted.length}`
  if (is === undefined) return `${where} is missing, and so is all after it: ${short(due)}`
  if (due === undefined) return `${where} is one too many: ${short(is)}`
  if (is === wanted[place - 1]) return `${where} is a repetition: ${short(is)}`
  if (is === wanted[place + 1] && due === found[place + 1]) return `${where} came after its successor: ${short(due)}`
  if (is === wanted[place + 1]) return `${where} is missing: ${short(due)}`
  return `${where} is ${apart(is, due)}`
}

const SHOWN = 300

export function short(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN).toWellFormed()}…`
}

/** Long texts mostly differ somewhere in the middle. */
export function apart(is: string, due: string): string {
  let same = 0
  while (same < is.length && is[same] === due[same]) same++
  const from = Math.max(0, same - 80)
  const head = from === 0 ? '' : '…'
  return `${head}${short(is.slice(from))} and should be ${head}${short(due.slice(from))}`
}
