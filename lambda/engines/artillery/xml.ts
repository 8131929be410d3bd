/**
 * Captures by XPath. Artillery leaves them to a package over native code that no supported Node can build; this has its two
 * functions. Loaded when a script first captures so.
 */
type Parsed = { select1(expression: string): unknown }

export function parseXML(body: string, callback: (error: unknown, parsed?: Parsed) => void): void {
  parse(body).then(
    (parsed) => callback(null, parsed),
    (error) => callback(error),
  )
}

async function parse(body: string): Promise<Parsed> {
  const { DOMParser, onErrorStopParsing } = await import('@xmldom/xmldom')
  const { select1 } = await import('xpath')
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(body, 'text/xml')
  return { select1: (expression) => select1(expression, document as unknown as Node) }
}

/** The text of the first node that the expression finds, or its value; undefined, a failed capture, when there is none. */
export function extractXPath(parsed: Parsed, expression: string): string | undefined {
  const found = parsed.select1(expression) as
    | string
    | number
    | boolean
    | { textContent: string | null }
    | undefined
    | null
  if (found === undefined || found === null) return undefined
  return String(typeof found === 'object' ? found.textContent : found)
}
