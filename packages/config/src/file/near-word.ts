/** The word that was probably meant; undefined where none is near. Case, - and _ do not count. */
export function nearWord(written: string, words: readonly string[]): string | undefined {
  const distances = words.map((word) => ({ word, distance: editDistance(plain(written), plain(word)) }))
  const [best] = distances.toSorted((one, other) => one.distance - other.distance)
  return best && best.distance <= Math.ceil(best.word.length / 3) ? best.word : undefined
}

const plain = (word: string) => word.toLowerCase().replaceAll(/[-_]/g, '')

/** How many letters have to be added, left out, or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [above, letter] of Array.from(from).entries()) {
    const next = [above + 1]
    for (const [index, other] of Array.from(to).entries()) {
      const replaced = (row[index] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
