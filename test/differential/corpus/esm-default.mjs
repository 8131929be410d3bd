import { readFileSync } from 'node:fs'
const who = await Promise.resolve(readFileSync(new URL('./upload.txt', import.meta.url), 'utf8').trim())
export default {
  async prepare(context) {
    context.vars.who = `${who} by default`
  },
}
