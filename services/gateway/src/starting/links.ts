/** Where a run can be watched, read and stopped. */
export function linksOf(session: string, run: string): Record<string, string> {
  const at = `/v1/sessions/${session}`
  return {
    session: at,
    messages: `${at}/messages`,
    run: `${at}/runs/${run}`,
    events: `${at}/runs/${run}/events`,
    cancel: `${at}/runs/${run}/cancel`,
  }
}

/** Where the question that a run waits for is answered. */
export function linkToAnswer(session: string, confirmation: string): Record<string, string> {
  return { confirmation: `/v1/sessions/${session}/confirmations/${confirmation}` }
}
