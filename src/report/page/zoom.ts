/** What part of the run the charts over time show: by a brush, or by two numbers, which need no pointer. */
import { type Span, within } from './span.ts'

const written = (second: number): string => String(Number(second.toFixed(2)))

/** Gives the function that zooms; `show` is called with every part that is to be shown. */
export function openZoom(whole: Span, show: (span: Span) => void): (wish: Span) => void {
  const form = document.querySelector<HTMLFormElement>('form.zoom')
  const [from, to] = ['from', 'to'].map((name) => form?.querySelector<HTMLInputElement>(`[name=${name}]`))
  const zoom = (wish: Span): void => {
    const span = within(whole, wish)
    if (from && to && span) {
      from.value = written(span.from)
      to.value = written(span.to)
    }
    for (const input of [from, to]) input?.setAttribute('aria-invalid', String(span === null))
    if (span) show(span)
  }
  form?.addEventListener('change', () => zoom({ from: Number(from?.value), to: Number(to?.value) }))
  form?.addEventListener('submit', (event) => event.preventDefault())
  form?.querySelector('button')?.addEventListener('click', () => zoom(whole))
  return zoom
}
