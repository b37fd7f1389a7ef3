/** What is wrong with a path below a session's folder, in words for the model. */
export function problemOfPath(path: string): string | null {
  if (path.includes('\0')) return 'must not contain NUL'
  if (path.startsWith('/') || path.includes('\\')) return 'must be relative to the folder, with / between names'
  if (path.split('/').includes('..')) return 'must not contain ..'
  if (path.split('/').some((name) => Buffer.byteLength(name) > 255)) return 'has a name of more than 255 bytes'
  return null
}

/** `./a//b/` -> a, b; the folder itself: none. */
export const namesOf = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.')
