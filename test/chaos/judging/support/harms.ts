/** Everything that one place in a list can suffer. */
export function* harms<One>(
  list: readonly One[],
  alter: (one: One) => Iterable<readonly [what: string, One]>,
): Generator<readonly [what: string, One[]]> {
  for (const [index, one] of list.entries()) {
    const next = list[index + 1]
    yield [`${index} removed`, list.toSpliced(index, 1)]
    yield [`${index} doubled`, list.toSpliced(index, 0, one)]
    if (next !== undefined) yield [`${index} swapped`, list.toSpliced(index, 2, next, one)]
    for (const [what, other] of alter(one)) yield [`${index} altered: ${what}`, list.with(index, other)]
  }
}

/** Every value in it, however deep, once by itself another one. */
export function* alterations(value: unknown, path = ''): Generator<readonly [path: string, unknown]> {
  if (typeof value === 'string') yield [path, otherText(value)]
  else if (typeof value === 'number') yield [path, value + 1]
  else if (typeof value === 'boolean') yield [path, !value]
  else if (value === null) yield [path, 'something']
  else {
    for (const [key, inner] of Object.entries(value as object)) {
      const place = Array.isArray(value) ? value : (value as Record<string, unknown>)
      for (const [where, other] of alterations(inner, `${path}.${key}`)) {
        yield [where, Array.isArray(place) ? place.with(Number(key), other) : { ...place, [key]: other }]
      }
    }
  }
}

/** A character in the middle is another one. */
function otherText(text: string): string {
  const at = text.length >> 1
  return `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
}

/** The harms of which nobody says anything. */
export function unnoticed<One>(
  all: Iterable<readonly [what: string, One]>,
  faults: (one: One) => readonly string[],
): string[] {
  const missed: string[] = []
  let count = 0
  for (const [what, one] of all) {
    count++
    if (faults(one).length === 0) missed.push(what)
  }
  return count > 0 ? missed : ['there was nothing to harm']
}
