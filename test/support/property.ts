/**
 * Runs a law on generated input, 1,000 times unless told. fast-check prints the seed of a failure;
 * `FC_SEED=<seed> npx vitest run <file>` runs the same inputs again.
 */
import fc from 'fast-check'

/** Of a law whose inputs take ten milliseconds each. */
export const SLOW = { runs: 300 }

/** How often chance is tried: in CI a third, since it draws anew each time. */
export const often = (runs: number): number => (process.env.CI ? Math.ceil(runs / 3) : runs)

export function holds<T>(
  input: fc.Arbitrary<T>,
  law: (input: T) => void,
  { runs = 1000, examples = [] }: { runs?: number; examples?: NoInfer<T>[] } = {},
): void {
  const seed = process.env.FC_SEED
  // What an arrow function happens to return says nothing; a law is broken by throwing.
  const property = fc.property(input, (value) => {
    law(value)
  })
  fc.assert(property, {
    numRuns: often(runs),
    // Inputs that once broke the law are tried first, for ever.
    examples: examples.map((example): [T] => [example]),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  })
}
