/** The one key table: what is pressed, what it does, and the words for it. The help on the screen and docs/keys.md are made from it. */

export const ACTS = [
  'tab',
  'next-tab',
  'previous-tab',
  'up',
  'down',
  'expand',
  'back',
  'filter',
  'sort',
  'freeze',
  'shorter',
  'longer',
  'show',
  'pause',
  'more-load',
  'less-load',
  'end-phase',
  'stop',
  'interrupt',
  'snapshot',
  'help',
  'quit',
] as const
export type Act = (typeof ACTS)[number]

/** `shown`: as a person would say it. `steers`: it needs a run that can be steered. */
export type Key = { presses: readonly string[]; shown: string; act: Act; words: string; steers?: true }

export const TABS = ['overview', 'workers', 'endpoints', 'errors', 'heatmap', 'plan', 'events'] as const
export type Tab = (typeof TABS)[number]

export const keys: readonly Key[] = [
  { presses: ['1', '2', '3', '4', '5', '6', '7'], shown: '1…7', act: 'tab', words: `go to ${TABS.join(', ')}` },
  { presses: ['tab', 'right', 'l'], shown: 'tab → l', act: 'next-tab', words: 'next tab' },
  { presses: ['shift-tab', 'left', 'h'], shown: '← h', act: 'previous-tab', words: 'tab before' },
  { presses: ['up', 'k'], shown: '↑ k', act: 'up', words: 'one row up' },
  { presses: ['down', 'j'], shown: '↓ j', act: 'down', words: 'one row down' },
  { presses: ['enter', 'e'], shown: 'enter e', act: 'expand', words: 'all about the row, or less again' },
  { presses: ['escape'], shown: 'esc', act: 'back', words: 'close, and clear the filter' },
  { presses: ['/'], shown: '/', act: 'filter', words: 'only rows with this text; enter keeps it, esc clears it' },
  { presses: ['s'], shown: 's', act: 'sort', words: 'sort by the next column' },
  { presses: ['f'], shown: 'f', act: 'freeze', words: 'freeze the screen, the run goes on; again to go on' },
  { presses: ['['], shown: '[', act: 'shorter', words: 'a shorter span for "now", the sparklines and the heatmap' },
  { presses: [']'], shown: ']', act: 'longer', words: 'a longer span' },
  { presses: ['c'], shown: 'c', act: 'show', words: 'response time, service time, or both' },
  { presses: ['p'], shown: 'p', act: 'pause', words: 'pause the load, or resume it', steers: true },
  {
    presses: ['+', '='],
    shown: '+',
    act: 'more-load',
    words: 'arrival rates a tenth higher; asks first',
    steers: true,
  },
  { presses: ['-'], shown: '-', act: 'less-load', words: 'arrival rates a tenth lower; asks first', steers: true },
  { presses: ['n'], shown: 'n', act: 'end-phase', words: 'end this phase; asks first', steers: true },
  { presses: ['x'], shown: 'x', act: 'stop', words: 'stop the run; asks first; again: at once' },
  { presses: ['ctrl-c'], shown: '^C', act: 'interrupt', words: 'stop the run; again: at once' },
  { presses: ['w'], shown: 'w', act: 'snapshot', words: "write the screen into the run's folder" },
  { presses: ['?'], shown: '?', act: 'help', words: 'this help' },
  { presses: ['q'], shown: 'q', act: 'quit', words: 'stop, or leave the dashboard; asks' },
]

export const keyOf = (press: string): Key | null => keys.find(({ presses }) => presses.includes(press)) ?? null

/** What is asked before it is done; the answers to it are all that is listened to. */
export type Ask = { kind: 'stop' } | { kind: 'quit' } | { kind: 'end-phase' } | { kind: 'scale'; scale: number }

/** `arrivalRate`: what it would be now with that scale. */
export function question(ask: Ask, phase: string, arrivalRate: number): string {
  switch (ask.kind) {
    case 'stop':
      return 'Stop the run? enter stop, esc go on'
    case 'quit':
      return 'Leave? s stop, l leave, esc stay'
    case 'end-phase':
      return `End phase "${phase}"? enter end, esc go on`
    case 'scale':
      return `Rates x ${ask.scale.toFixed(2)}: ${arrivalRate.toFixed(1)}/s? enter, + -, esc`
  }
}

export const notices = {
  fixed: 'This run cannot be steered.',
  stopping: 'Stopping: what is in flight may end. x or ^C again: at once.',
  now: 'Stopping at once.',
  written: (path: string): string => `Screen written to ${path}`,
  unwritten: (why: string): string => `The screen could not be written: ${why}`,
} as const

/** What the terminal gets when the dashboard is gone before the run is. */
export const words = {
  left: 'Left the dashboard; the run goes on. ^C stops it.',
  crashed: (why: string): string => `The dashboard failed (${why}); the run goes on without it.`,
} as const

/** docs/keys.md. */
export function keysMarkdown(): string {
  const row = ({ shown, words, steers }: Key): string => {
    const pressed = shown.split(' ').map((key) => `\`${key}\``)
    return `| ${pressed.join(' ')} | ${words}${steers ? ' (where the run can be steered)' : ''} |`
  }
  return [
    '# Keys of the dashboard',
    '',
    'Made from the key table in `src/dashboard/keys.ts` by `npm run docs`, as is the help behind `?`.',
    '',
    '| key | |',
    '|---|---|',
    ...keys.map(row),
    '',
  ].join('\n')
}
