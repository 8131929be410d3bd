import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { onWarmTarget } from '../../../lambda/engines/warm-target.ts'

const POST = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 12\r\n\r\n'
const BODY = '{"name":"a"}'

it('answers each request once, over a connection that stays, also when its body comes behind it', async () => {
  let answers = ''
  await onWarmTarget(async (url) => {
    expect(await (await fetch(`${url}/?a=1`)).json()).toMatchObject({ items: [{ name: 'a' }] })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('data', (chunk) => {
      answers += chunk
    })
    await once(socket, 'connect')
    socket.setNoDelay(true)
    for (const chunk of [`GET / HTTP/1.1\r\nhost: a\r\n\r\n`, POST, BODY, `${POST}${BODY}`]) {
      socket.write(chunk)
      await sleep(30)
    }
  })
  expect(answers.split('HTTP/1.1 200 OK')).toHaveLength(4)
})
