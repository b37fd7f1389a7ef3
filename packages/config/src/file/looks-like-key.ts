/** How the keys of providers begin: sk-…, AIza…, gsk_…, xai-… */
const keyBeginnings =
  /\b(sk-[\w-]{16}|AIza[\w-]{12}|(gsk|hf|r8|fw|csk|ghp)_[A-Za-z0-9]{16}|(xai|pplx|nvapi|tgp)-[\w-]{16}|AKIA[A-Z0-9]{12})/

/** Whether a key stands somewhere in a text. Not every key can be known by its looks. */
export const holdsKey = (text: string): boolean => keyBeginnings.test(text)

/** Whether a single value is rather a key than a name: also Azure's, which are nothing but hexadecimal digits. */
export const looksLikeKey = (text: string): boolean => holdsKey(text) || text.split(/[^A-Za-z0-9]+/).some(isRandom)

/** Names are made of words: they are not so long, and do not change between letters and digits all the time. */
function isRandom(word: string): boolean {
  const changes = word.match(/(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]/g)?.length ?? 0
  return word.length >= 24 || (word.length >= 12 && changes >= 3)
}

/** As people write the names of variables; only such a text is shown where it may be what is in one. */
export const isVariableName = (text: string): boolean => /^[A-Z][A-Z0-9_]{0,99}$/.test(text) && !looksLikeKey(text)
