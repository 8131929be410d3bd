/**
 * How much of its time a core of this machine takes from who does nothing but look at the clock: 5 s of that, on the core that it is
 * started on. Prints the share of the time that went in gaps of a quarter of a millisecond and more.
 */
const SECONDS = 5
const GAP = 0.25

let lost = 0
const from = performance.now()
let last = from
while (last - from < SECONDS * 1000) {
  const now = performance.now()
  if (now - last >= GAP) lost += now - last
  last = now
}
console.log(lost / (last - from))
