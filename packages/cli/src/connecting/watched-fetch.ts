const SHOWN_AFTER_MS = 1000

/**
 * `fetch` that tells when the server has not been reached for longer than a moment: the client goes on trying by itself,
 * and a person who waits wants to know.
 */
export function watchedFetch(onLost: () => void): typeof fetch {
  let timer: ReturnType<typeof setTimeout> | undefined
  const reached = () => {
    clearTimeout(timer)
    timer = undefined
  }
  return async (...call) => {
    try {
      const response = await fetch(...call)
      if (response.status < 500) reached()
      else timer ??= setTimeout(onLost, SHOWN_AFTER_MS).unref()
      return response
    } catch (error) {
      timer ??= setTimeout(onLost, SHOWN_AFTER_MS).unref()
      throw error
    }
  }
}
