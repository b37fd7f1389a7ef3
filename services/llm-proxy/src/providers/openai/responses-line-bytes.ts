/** The Responses API says the whole answer again at its end, on one line, and the instructions and tools at its beginning. */
export const responsesLineBytes = 4 * 1024 * 1024
