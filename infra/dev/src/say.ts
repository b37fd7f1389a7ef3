/** Tells the person in front of the terminal what is being done. */
export type Say = (line: string) => void

export const sayNothing: Say = () => {}
