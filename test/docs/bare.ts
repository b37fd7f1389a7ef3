/** Without the spaces that a formatter puts into tables. */
export function bare(text: string): string {
  return text.replaceAll(/ *\| */g, '|')
}
