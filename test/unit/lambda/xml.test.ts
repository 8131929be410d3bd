import { expect, test } from 'vitest'
import { extractXPath, parseXML } from '../../../lambda/engines/artillery/xml.ts'

const SHOP = '<shop open="yes"><item id="7"><name>tea</name></item><item id="9"><name>cup</name></item></shop>'

const found = (body: string, expression: string): Promise<unknown> =>
  new Promise((resolve) =>
    parseXML(body, (error, parsed) => resolve(parsed === undefined ? error : extractXPath(parsed, expression))),
  )

test.each([
  ['the text of a node', "//item[@id='9']/name", 'cup'],
  ['the first of several', '//name', 'tea'],
  ['an attribute', '/shop/@open', 'yes'],
  ['the value of a function', 'count(//item)', '2'],
  ['nothing, where nothing fits', '//price', undefined],
])('XPath finds %s', async (_, expression, value) => {
  expect(await found(SHOP, expression)).toBe(value)
})

test('what is no XML is an error', async () => {
  expect(await found('<shop><item></shop>', '//item')).toBeInstanceOf(Error)
})
