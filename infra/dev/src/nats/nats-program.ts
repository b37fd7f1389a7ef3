/** A nats-server that can be run here, and where it came from. */
export type NatsProgram =
  | { kind: 'binary'; binary: string; version: string; origin: string }
  | { kind: 'docker'; image: string; version: string; origin: string }
