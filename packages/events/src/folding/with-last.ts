/**
 * The list with its last item of that id changed; the very same list if there is none or nothing changed.
 * Searches from the end, where everything that is still open lies.
 */
export function withLast<Item extends { readonly id: string }>(
  items: readonly Item[],
  id: string,
  change: (item: Item) => Item,
): readonly Item[] {
  const index = items.findLastIndex((item) => item.id === id)
  const item = items[index]
  if (item === undefined) return items
  const changed = change(item)
  if (changed === item) return items
  const copy = items.slice()
  copy[index] = changed
  return copy
}
