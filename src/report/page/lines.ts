/** Which lines the charts have, as numbers. */
import type { Drawn } from './drawn.ts'

/** A colour by its name in page.css. */
export type Tone = 'text' | 'line' | 'blue' | 'pale' | 'orange' | 'grey'

/** `dash`: pixels on and off; none is solid. */
export type Line = { name: string; values: (number | null)[]; tone: Tone; dash?: number[]; width?: number }

/** A second. */
export function loadLines({ columns, step }: Drawn): Line[] {
  const aSecond = (name: 'launched' | 'requests' | 'failures'): number[] => columns[name].map((count) => count / step)
  return [
    { name: 'virtual users', values: aSecond('launched'), tone: 'grey', dash: [2, 3] },
    { name: 'requests', values: aSecond('requests'), tone: 'blue', width: 2 },
    { name: 'failures', values: aSecond('failures'), tone: 'orange', dash: [6, 3], width: 2 },
  ]
}

export function latencyLines({ columns: { response, service, lateness } }: Drawn): Line[] {
  return [
    { name: 'response p50', values: response.p50.map(above), tone: 'pale' },
    { name: 'response p95', values: response.p95.map(above), tone: 'blue' },
    { name: 'response p99', values: response.p99.map(above), tone: 'blue', width: 3 },
    { name: 'response max', values: response.max.map(above), tone: 'grey', dash: [1, 3] },
    { name: 'service p99', values: service.p99.map(above), tone: 'orange', dash: [6, 3], width: 2 },
    { name: 'lateness p99', values: lateness.p99.map(above), tone: 'grey', dash: [8, 3, 2, 3] },
  ]
}

/** 0 has no place on a logarithmic scale; the least that is measured has. */
const above = (ms: number | null): number | null => (ms === null ? null : Math.max(0.001, ms))

export function curveLines({ curve }: Drawn): { x: number[]; lines: Line[] } {
  const { response, service } = curve
  const longest = response.length > service.length ? response : service
  const values = (points: typeof response): (number | null)[] => longest.map((_, i) => above(points[i]?.value ?? null))
  return {
    x: longest.map(({ percent }) => 1 / (1 - percent / 100)),
    lines: [
      { name: 'response', values: values(response), tone: 'blue', width: 2 },
      { name: 'service', values: values(service), tone: 'orange', dash: [6, 3], width: 2 },
    ],
  }
}

/** How strongly a cell of the heat map is painted, by logarithm: one response is seen beside ten thousand. */
export const strength = (count: number, most: number): number =>
  most <= 1 ? 1 : 0.15 + (0.85 * Math.log(count)) / Math.log(most)
