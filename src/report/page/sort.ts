/** Tables that sort by a column: its head becomes a button. Numbers are compared by what they are, not by how they are shown. */
import { compare, type Key } from './order.ts'

function keyOf(row: HTMLTableRowElement, column: number): Key {
  const cell = row.cells[column]
  const value = cell?.dataset.v
  if (value === undefined) return cell?.textContent ?? ''
  return value === '' ? null : Number(value)
}

export function makeSortable(table: HTMLTableElement): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])]
  const body = table.tBodies[0]
  if (body === undefined || body.rows.length < 2) return
  for (const [column, head] of heads.entries()) {
    if (head.textContent === '') continue
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener('click', () => {
      // Numbers begin with the largest, names with A.
      const before = head.getAttribute('aria-sort')
      const down = before === null ? head.classList.contains('number') : before === 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
      const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }))
      body.append(...rows.toSorted((a, b) => compare(a.key, b.key, down)).map(({ row }) => row))
    })
  }
}
