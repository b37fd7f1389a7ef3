import { looksLikeKey } from '../file/looks-like-key.ts'

/** The address of something that is called, without a secret in it as far as that can be told. */
export function isRemoteUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return ![...url.searchParams.values()].some(looksLikeKey)
}
