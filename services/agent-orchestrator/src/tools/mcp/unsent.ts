/** Nothing of a message has left this machine. */
export class Unsent extends Error {}
