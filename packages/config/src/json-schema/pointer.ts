/** Of parts of JSON pointers, which name places in what was checked. */
export const unescapePointer = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~')
export const escapePointer = (name: unknown) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')
