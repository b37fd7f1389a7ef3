/** How the keys of providers begin: sk-…, AIza…, gsk_…, xai-… */
const keyBeginnings =
  /\b(sk-[\w-]{16}|AIza[\w-]{20}|(gsk|hf|r8|fw|csk|ghp)_[A-Za-z0-9]{16}|(xai|pplx|nvapi|tgp)-[\w-]{16}|AKIA[A-Z0-9]{12})/

/** Whether a key stands somewhere in a text. Not every key can be known by its looks. */
export const holdsKey = (text: string): boolean => keyBeginnings.test(text)

/** Names of variables have words in them; 24 letters and digits in a row are rather a key. */
const longRun = /[A-Za-z0-9]{24}/

/** The name of a variable, and not what is in it. */
export const isVariableName = (text: string): boolean =>
  /^[A-Z_][A-Z0-9_]{0,99}$/.test(text) && !longRun.test(text) && !holdsKey(text)
