/** Student's t: how far a mean of few draws may be off. */
const STEPS = 20_000

/**
 * How many standard errors from the middle Student's t has `tail` of its mass beyond. t = √ν·tan θ has a density of cos^(ν−1) θ from −π/2
 * to π/2, which is added up from its end until there is as much.
 */
export function student(tail: number, freedom: number): number {
  const width = Math.PI / 2 / STEPS
  const density = (step: number): number => Math.cos((step + 0.5) * width) ** (freedom - 1)
  let half = 0
  for (let step = 0; step < STEPS; step++) half += density(step)
  let beyond = 0
  for (let step = STEPS - 1; step >= 0; step--) {
    const here = density(step)
    if (beyond + here >= 2 * half * tail)
      return Math.sqrt(freedom) * Math.tan((step + 1 - (2 * half * tail - beyond) / here) * width)
    beyond += here
  }
  return 0
}
