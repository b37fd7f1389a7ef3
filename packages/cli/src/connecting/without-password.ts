/** Addresses as they may be shown: a password stands before the last @, or among the parameters behind the path. */
export function withoutPassword(urls: string): string {
  return urls.replaceAll(/\/\/[^/?]*@/g, '//').replaceAll(/\?[^,]*/g, '')
}
