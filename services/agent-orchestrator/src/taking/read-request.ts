/** What the gateway put into a queue; `null` where it is no JSON object. */
export function readRequest<Request>(text: string): Request | null {
  try {
    const request: unknown = JSON.parse(text)
    return typeof request === 'object' && request !== null ? (request as Request) : null
  } catch {
    return null
  }
}
